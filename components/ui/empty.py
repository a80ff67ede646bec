"""Nothing here, and what went wrong: both say what to do first."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.classes import classes
from components.ui.icon import icon as draw_icon


def empty_state(
    *,
    icon: str,
    title: str | rx.Var[str],
    text: str | rx.Var[str],
    action: Any = None,
    whole_page: bool = False,
    **props: Any,
) -> rx.Component:
    """Return the designed nothing: what is missing, and the button that mends it.

    On a page that has nothing else (`whole_page`) its title is the page's heading.
    """
    heading = rx.el.h1 if whole_page else rx.el.h2
    return rx.el.div(
        draw_icon(icon, 20, class_name="empty-icon"),
        heading(title, class_name="empty-title"),
        rx.el.p(text, class_name="empty-text"),
        *(() if action is None else (rx.el.div(action, class_name="empty-action"),)),
        class_name=classes("empty", props.pop("class_name", "")),
        **props,
    )


def error_state(
    *,
    text: str | rx.Var[str],
    title: str | rx.Var[str] = "This could not be shown",
    action: Any = None,
    icon: str = "circle-alert",
    **props: Any,
) -> rx.Component:
    """Return a failure in the place of what failed; `text` says what to do."""
    return empty_state(
        icon=icon,
        title=title,
        text=text,
        action=action,
        role="alert",
        class_name=classes("empty-bad", props.pop("class_name", "")),
        **props,
    )


def notice_bar(
    *children: Any,
    tone: str | rx.Var[str] = "info",
    icon: str | rx.Var[str] | None = None,
    action: Any = None,
    **props: Any,
) -> rx.Component:
    """Return a calm bar inside a page: something the reader should know before going on."""
    mark = (
        icon
        if icon is not None
        else {"good": "check", "warn": "triangle-alert", "bad": "circle-alert"}.get(
            tone if isinstance(tone, str) else "", "info"
        )
    )
    return rx.el.div(
        draw_icon(mark),
        rx.el.div(*children, class_name="notice-text"),
        *(() if action is None else (action,)),
        role=props.pop("role", "status"),
        class_name=classes("notice", f"notice-{tone}", props.pop("class_name", "")),
        **props,
    )
