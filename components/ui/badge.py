"""Badges, chips and counts: a state in a word, with an icon and a tone that say the same."""

from __future__ import annotations

from typing import Any, Final, Literal

import reflex as rx

from components.ui.classes import classes
from components.ui.icon import icon as draw_icon

Tone = Literal["neutral", "info", "good", "warn", "bad", "accent"]

TONE_ICONS: Final[dict[str, str]] = {
    "neutral": "dot",
    "info": "info",
    "good": "check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
}


def badge(
    text: str | rx.Var[str],
    tone: Tone | rx.Var[str] = "neutral",
    icon: str | rx.Var[str] | None = None,
    **props: Any,
) -> rx.Component:
    """Return a 22 px badge. `tone` is neutral, info, good, warn or bad, and may be a Var.

    Where it has too little room the text is cut; a test id on it reads the word and nothing else.
    """
    return rx.el.span(
        *(() if icon is None else (draw_icon(icon, 14),)),
        rx.el.span(text, class_name="clip"),
        class_name=classes("badge", f"badge-{tone}", props.pop("class_name", "")),
        **props,
    )


def stock_badge(
    word: str | rx.Var[str], tone: Tone | rx.Var[str] = "good", **props: Any
) -> rx.Component:
    """Return the stock word with the icon of its tone: check, triangle or cross."""
    mark = (
        rx.match(
            tone,
            ("good", draw_icon("check", 14)),
            ("warn", draw_icon("triangle-alert", 14)),
            draw_icon("x", 14),
        )
        if isinstance(tone, rx.Var)
        else draw_icon({"good": "check", "warn": "triangle-alert"}.get(tone, "x"), 14)
    )
    return rx.el.span(
        mark,
        rx.el.span(word, class_name="clip"),
        class_name=classes("badge", f"badge-{tone}", props.pop("class_name", "")),
        **props,
    )


def count(number: Any, tone: Tone | rx.Var[str] = "neutral", **props: Any) -> rx.Component:
    """Return a small figure beside a word, such as the lines in the basket."""
    return rx.el.span(
        number, class_name=classes("count", f"badge-{tone}", props.pop("class_name", "")), **props
    )


def chip(
    text: str | rx.Var[str],
    *,
    on_remove: Any,
    label: str | rx.Var[str] | None = None,
    **props: Any,
) -> rx.Component:
    """Return an active filter that a press removes; `label` is read out (default: Remove text)."""
    said = label if label is not None else f"Remove {text}"
    return rx.el.button(
        rx.el.span(text, class_name="clip"),
        draw_icon("x", 14),
        type="button",
        aria_label=said,
        title=said,
        on_click=on_remove,
        class_name=classes("chip", props.pop("class_name", "")),
        **props,
    )


def avatar(name: str | rx.Var[str], *, large: bool = False, **props: Any) -> rx.Component:
    """Return the first letter of a name in a disc."""
    letter = rx.Var.create(name).to(str)[:1].upper()
    return rx.el.span(
        letter,
        aria_hidden="true",
        class_name=classes("avatar", "avatar-large" if large else "", props.pop("class_name", "")),
        **props,
    )
