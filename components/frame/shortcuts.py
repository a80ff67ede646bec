"""Every shortcut in one dialog. The keys themselves are answered by `assets/kit.js`."""

from __future__ import annotations

from typing import Final

import reflex as rx

from components.ui import icon, key_hint

_SHORTCUTS: Final[tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...]] = (
    (
        "Anywhere",
        (
            (("/",), "Search"),
            (("?",), "Show these shortcuts"),
            (("[",), "Fold the navigation"),
            (("Esc",), "Leave a field, close a dialog, go back up"),
        ),
    ),
    (
        "Go to",
        (
            (("g", "c"), "Catalogue"),
            (("g", "o"), "Orders"),
            (("g", "b"), "Basket"),
            (("g", "a"), "Health"),
            (("g", "m"), "Mailbox"),
        ),
    ),
    (
        "In lists and among products",
        (
            (("j",), "Next"),
            (("k",), "Previous"),
            (("←", "↑", "↓", "→"), "Move from the one in focus"),
            (("Enter",), "Open"),
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
                rx.el.section(
                    rx.el.h3(heading, class_name="shortcut-heading"),
                    rx.el.dl(
                        *(
                            rx.el.div(
                                rx.el.dt(meaning),
                                rx.el.dd(key_hint(*keys)),
                                class_name="shortcut",
                            )
                            for keys, meaning in entries
                        )
                    ),
                )
                for heading, entries in _SHORTCUTS
            ),
            class_name="dialog-body",
        ),
        id="shortcuts",
        aria_labelledby="shortcuts-title",
        data_light="",
        class_name="dialog",
    )
