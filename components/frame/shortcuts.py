"""Every shortcut in one dialog. The keys themselves are answered by `assets/kit.js`."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar

from app.services.palette import MAIN
from app.views.palette import PlaceView
from components.ui import icon, key_hint
from state.session import SessionState

_SHORTCUTS: Final[tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...]] = (
    (
        "Anywhere",
        (
            (("/",), "Search the list, or the products"),
            (("Ctrl", "K"), "Go to, find, do"),
            (("?",), "Show these shortcuts"),
            (("[",), "Fold the navigation"),
            (("Esc",), "Leave a field, close a dialog, go back up"),
        ),
    ),
    (
        "In lists and among products",
        (
            (("j",), "Next"),
            (("k",), "Previous"),
            (("←", "↑", "↓", "→"), "Move from the one in focus"),
            (("Enter",), "Open"),
            (("x",), "Select the row, or leave it out"),
        ),
    ),
)


@rx.memo
def shortcuts() -> rx.Component:
    """Return the dialog; `kit.js` shows it on `?` and from the account menu."""
    return rx.el.dialog(
        rx.el.header(
            rx.el.h2("Keyboard shortcuts", id="shortcuts-title", class_name="dialog-title"),
            rx.el.button(
                icon("x"),
                type="button",
                aria_label="Close",
                data_closes="",
                class_name="button button-quiet button-small button-icon",
            ),
            class_name="dialog-head",
        ),
        rx.el.div(
            *(
                _section(heading, *(_shortcut(meaning, *keys) for keys, meaning in entries))
                for heading, entries in _SHORTCUTS
            ),
            _section(
                "Go to",
                *(_shortcut(place.title, "g", place.letter) for place in MAIN),
                rx.foreach(SessionState.places.operations, _way),
                rx.foreach(
                    SessionState.places.rooms,
                    lambda group: rx.fragment(rx.foreach(group.places, _way)),
                ),
            ),
            class_name="dialog-body",
        ),
        id="shortcuts",
        aria_labelledby="shortcuts-title",
        data_light="",
        class_name="dialog",
    )


def _section(heading: str, *entries: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h3(heading, class_name="shortcut-heading"),
        rx.el.dl(*entries),
    )


def _shortcut(meaning: Any, *keys: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(meaning), rx.el.dd(key_hint(*keys)), class_name="shortcut")


def _way(place: ObjectVar[PlaceView]) -> rx.Component:
    return rx.cond(place.letter != "", _shortcut(place.title, "g", place.letter))
