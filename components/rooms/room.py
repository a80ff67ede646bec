"""A room as a page: its list or why there is none, and one of its rows."""

from __future__ import annotations

import reflex as rx

from components.rooms.actions import bulk_bar, confirmation, general_actions
from components.rooms.detail import room_detail
from components.rooms.filters import filter_bar
from components.rooms.navigation import room_choice
from components.rooms.phase import detail_phase, list_phase
from components.rooms.table import room_table
from components.rooms.tasks import task_notices
from components.ui import (
    breadcrumbs,
    card,
    empty_state,
    error_state,
    link_button,
    page_head,
    skeleton,
)
from state.room_detail import RoomDetailState
from state.rooms import RoomsState, RoomState

_PAGE = RoomState.page
_EMPTY = _PAGE.empty


def room_list() -> rx.Component:
    """Return a room's list with everything around it."""
    return rx.fragment(
        rx.cond(RoomsState.title != "", room_choice()),
        task_notices(),
        page_head(
            RoomsState.title,
            actions=(general_actions(),),
            lead=rx.cond(list_phase() == "shown", _PAGE.lead, "\u00a0"),
        ),
        rx.match(
            list_phase(),
            ("forbidden", _forbidden(RoomState.problem)),
            ("missing", _missing(RoomState.problem)),
            ("refused", _refused()),
            ("failed", error_state(text=RoomState.problem)),
            rx.fragment(
                rx.cond(list_phase() == "shown", filter_bar(), rx.el.div(class_name="room-bar")),
                rx.cond(
                    (list_phase() == "shown") & (rx.Var.create(_PAGE.rows).length() == 0),
                    _nothing(),
                    room_table(),
                ),
                rx.cond(list_phase() == "shown", bulk_bar()),
            ),
        ),
        confirmation(),
    )


def room_row() -> rx.Component:
    """Return one row of a room with everything around it."""
    return rx.fragment(
        task_notices(),
        breadcrumbs((RoomsState.title, f"/admin/{RoomsState.here}"), (_row_title(), None)),
        rx.match(
            detail_phase(),
            ("forbidden", _forbidden(RoomDetailState.problem)),
            ("missing", _missing(RoomDetailState.problem)),
            ("failed", error_state(text=RoomDetailState.problem)),
            ("shown", room_detail()),
            card(
                skeleton("40%", "1.4em"), skeleton("70%"), skeleton("55%"), class_name="stack-card"
            ),
        ),
        confirmation(),
    )


def _row_title() -> str:
    return RoomDetailState.detail.title


def _forbidden(text: str) -> rx.Component:
    return empty_state(
        icon="lock",
        title="This is not yours to see",
        text=text,
        role="alert",
        data_testid="room-forbidden",
    )


def _missing(text: str) -> rx.Component:
    return empty_state(
        icon="circle-help",
        title="Nothing here",
        text=text,
        action=rx.cond(
            RoomsState.title != "",
            link_button("See the list", href=f"/admin/{RoomsState.here}"),
            link_button("See the dashboard", href="/admin"),
        ),
        role="alert",
    )


def _refused() -> rx.Component:
    return error_state(
        title="This cannot be asked",
        text=RoomState.problem,
        action=link_button("Show the whole list", href=f"/admin/{RoomsState.here}"),
        data_testid="room-refused",
    )


def _nothing() -> rx.Component:
    return rx.cond(
        _PAGE.is_filtered | (_PAGE.first_href != ""),
        empty_state(
            icon="search-x",
            title="Nothing matches",
            text="Take a filter away, or look at the whole list.",
            action=link_button("Show all", href=_PAGE.clear_href),
            data_testid="room-empty",
        ),
        empty_state(
            icon=_EMPTY.icon,
            title=_EMPTY.title,
            text=_EMPTY.text,
            action=rx.cond(_EMPTY.href != "", link_button(_EMPTY.link, href=_EMPTY.href)),
            data_testid="room-empty",
        ),
    )
