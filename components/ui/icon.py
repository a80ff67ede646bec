"""Icons: lucide, one stroke, 16 px in text and controls, 20 px where they stand alone."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

# Icons that a state may name at run time. They are compiled once, into one small switch; a name
# outside this list shows a dot. An icon known when the page is written needs no place here.
NAMEABLE: Final = (
    "activity",
    "alarm-clock",
    "archive",
    "ban",
    "bell",
    "box",
    "calendar-clock",
    "camera",
    "check",
    "check-check",
    "circle-alert",
    "circle-check",
    "circle-help",
    "circle-user",
    "circle-x",
    "clock",
    "database",
    "download",
    "file-text",
    "flag",
    "hand",
    "heart-pulse",
    "hourglass",
    "inbox",
    "info",
    "layers",
    "list-checks",
    "loader",
    "lock",
    "lock-open",
    "log-out",
    "mail",
    "mail-check",
    "mail-warning",
    "mail-x",
    "map-pin",
    "monitor",
    "package",
    "package-check",
    "pause",
    "pencil",
    "play",
    "plus",
    "refresh-cw",
    "rotate-ccw",
    "rotate-cw",
    "rss",
    "scroll-text",
    "send",
    "settings",
    "shield",
    "shield-alert",
    "shield-check",
    "shopping-basket",
    "shopping-cart",
    "store",
    "trash-2",
    "trending-down",
    "trending-up",
    "triangle-alert",
    "truck",
    "undo-2",
    "user",
    "user-check",
    "user-x",
    "users",
    "x",
    "zap",
)


@rx.memo
def _named_icon(name: rx.Var[str], size: rx.Var[int]) -> rx.Component:
    return rx.fragment(
        rx.match(
            name,
            *((each, rx.icon(each, size=size)) for each in NAMEABLE),
            rx.icon("dot", size=size),
        )
    )


def icon(name: str | rx.Var[str], size: int = 16, **props: Any) -> rx.Component:
    """Return an icon that says nothing to a screen reader: the word beside it does.

    `name` is lucide's; a Var may hold one of `NAMEABLE`. `size` is in px, 16 or 20.
    """
    if isinstance(name, rx.Var):
        drawn = _named_icon(name=name, size=size)
    else:
        drawn = rx.icon(name, size=size)
    props["class_name"] = f"icon {props.get('class_name', '')}".strip()
    return rx.el.span(drawn, aria_hidden="true", **props)
