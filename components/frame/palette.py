"""The palette: everything by a few letters. Its keys are answered by `assets/kit.js`.

Pages and commands are in the page and filtered in the browser; the server is asked for the rest.
A row is a link or a button, so that a press on it, or Enter while it is chosen, is its own doing.
"""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar
from reflex_base.style import LiteralColorMode, set_color_mode

from app.services.palette import LONGEST, MAIN, SESSIONS
from app.views.palette import FoundGroup, FoundRow, PlaceGroup, PlaceView
from components.ui import icon, key_hint, link, outside_link
from state.palette import PaletteState
from state.session import SessionState

# Long enough that a word typed at once is one question, short enough to feel immediate.
PAUSE_MS: Final = 120
THEMES: Final[tuple[tuple[LiteralColorMode, str, str], ...]] = (
    ("light", "Light", "sun"),
    ("dark", "Dark", "moon"),
    ("system", "System", "monitor"),
)
_LIST: Final = "palette-list"


@rx.memo
def palette() -> rx.Component:
    """Return the dialog; `kit.js` shows it on Ctrl-K and from the top bar."""
    return rx.el.dialog(
        rx.el.div(
            icon("search"),
            rx.el.input(
                on_change=PaletteState.find.debounce(PAUSE_MS),
                id="palette-input",
                role="combobox",
                aria_label="Go to a page, an order, a product, a person, or do something",
                aria_expanded="true",
                aria_controls=_LIST,
                aria_autocomplete="list",
                placeholder="Go to, find, do",
                auto_complete="off",
                spell_check=False,
                max_length=LONGEST,
                data_testid="palette-input",
                class_name="palette-input",
            ),
            key_hint("Esc"),
            class_name="palette-head",
        ),
        rx.el.div(
            _places("Pages", *(_place(place) for place in MAIN), _signed_in_places()),
            rx.foreach(SessionState.places.rooms, _room_group),
            rx.foreach(PaletteState.groups, _found_group),
            _places("Commands", *_commands()),
            id=_LIST,
            role="listbox",
            aria_label="What there is",
            data_for=PaletteState.asked,
            class_name="palette-list",
        ),
        rx.el.p(
            rx.cond(
                PaletteState.problem != "",
                PaletteState.problem,
                "Nothing is called that.",
            ),
            role="status",
            class_name="palette-nothing",
        ),
        id="palette",
        aria_label="Go to, find, do",
        data_light="",
        data_testid="palette",
        class_name="dialog palette",
    )


def _signed_in_places() -> rx.Component:
    return rx.fragment(
        rx.foreach(SessionState.places.operations, _shown_place),
        rx.cond(SessionState.signed_in, _place(SESSIONS)),
    )


def _places(title: Any, *rows: rx.Component, **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(title, aria_hidden="true", class_name="palette-heading"),
        *rows,
        role="group",
        aria_label=title,
        class_name="palette-group",
        **props,
    )


def _room_group(group: ObjectVar[PlaceGroup]) -> rx.Component:
    return _places(group.title, rx.foreach(group.places, _shown_place))


def _found_group(group: ObjectVar[FoundGroup]) -> rx.Component:
    return _places(group.title, rx.foreach(group.rows, _found), data_found="")


def _place(place: PlaceView) -> rx.Component:
    return link(
        icon(place.icon),
        rx.el.span(place.title, class_name="palette-title"),
        *([key_hint("g", place.letter)] if place.letter else []),
        href=place.href,
        **_row(place.href, place.words),
    )


def _shown_place(place: ObjectVar[PlaceView]) -> rx.Component:
    return link(
        icon(place.icon.to(str)),
        rx.el.span(place.title, class_name="palette-title"),
        rx.cond(place.letter != "", key_hint("g", place.letter)),
        href=place.href.to(str),
        **_row(place.href, place.words),
    )


def _found(row: ObjectVar[FoundRow]) -> rx.Component:
    return link(
        icon(row.icon.to(str)),
        rx.el.span(
            rx.el.span(row.title, class_name="palette-title clip"),
            rx.el.span(row.note, class_name="palette-note clip"),
            class_name="palette-lines",
        ),
        href=row.href.to(str),
        **_row(row.key),
    )


def _commands() -> tuple[rx.Component, ...]:
    return (
        *(
            rx.el.button(
                icon(mark),
                rx.el.span(f"{text} theme", class_name="palette-title"),
                type="button",
                on_click=set_color_mode(mode),
                **_row(f"theme-{mode}", f"{text} theme mode colours".lower()),
            )
            for mode, text, mark in THEMES
        ),
        rx.el.button(
            icon("keyboard"),
            rx.el.span("Keyboard shortcuts", class_name="palette-title"),
            key_hint("?"),
            type="button",
            data_opens="shortcuts",
            **_row("shortcuts", "keyboard shortcuts keys help"),
        ),
        rx.cond(
            SessionState.signed_in,
            outside_link(
                icon("log-out"),
                rx.el.span("Sign out", class_name="palette-title"),
                href="/auth/logout",
                **_row("sign-out", "sign out log out leave"),
            ),
        ),
    )


def _row(key: Any, words: Any = None) -> dict[str, Any]:
    """Return what every row has; one with `words` is shown or left out by the browser."""
    return {
        **({} if words is None else {"data_words": words}),
        "id": f"palette-{key}",
        "role": "option",
        "aria_selected": "false",
        "tab_index": -1,
        "data_testid": "palette-row",
        "class_name": "palette-row",
    }
