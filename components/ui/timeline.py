"""The timeline: what has happened, as the spine of an order."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.classes import classes
from components.ui.icon import icon as draw_icon


def timeline(*entries: Any, **props: Any) -> rx.Component:
    """Return a timeline; `entries` are `timeline_entry(...)` components or a foreach of them."""
    return rx.el.ol(*entries, class_name=classes("timeline", props.pop("class_name", "")), **props)


def timeline_entry(
    title: Any,
    *,
    icon: str | rx.Var[str],
    tone: str | rx.Var[str] = "neutral",
    time: Any = None,
    note: Any = None,
    **props: Any,
) -> rx.Component:
    """Return one fact: an icon in a disc of its tone, words, a quiet note, the time."""
    return rx.el.li(
        rx.el.span(draw_icon(icon), class_name=classes("timeline-mark", f"badge-{tone}")),
        rx.el.div(
            rx.el.div(title, class_name="line-first"),
            *(() if note is None else (rx.el.div(note, class_name="line-second"),)),
            class_name="timeline-words",
        ),
        *(() if time is None else (rx.el.div(time, class_name="timeline-time"),)),
        class_name=classes("timeline-entry", props.pop("class_name", "")),
        **props,
    )
