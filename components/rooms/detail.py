"""One row on a page of its own: facts, and sections of whatever kind the room gives."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.rooms import (
    ActionView,
    CellView,
    DifferenceView,
    EntryView,
    FactView,
    SectionView,
)
from app.views.spots import SpotView
from components.rooms.cells import cell_value
from components.rooms.map import spot_map
from components.ui import (
    badge,
    button,
    card,
    cell,
    clock,
    copy_button,
    page_head,
    quiet,
    row,
    timeline,
    timeline_entry,
)
from state.room_actions import RoomActionState
from state.room_detail import RoomDetailState
from state.rooms import RoomsState

_DETAIL = RoomDetailState.detail


def room_detail() -> rx.Component:
    """Return the page of a row."""
    return rx.fragment(
        page_head(
            _DETAIL.title,
            rx.cond(
                _DETAIL.badge.text != "",
                rx.cond(
                    _DETAIL.badge.tone != "",
                    badge(
                        _DETAIL.badge.text,
                        tone=rx.Var.create(_DETAIL.badge.tone),
                        icon=rx.Var.create(_DETAIL.badge.icon),
                    ),
                    badge(_DETAIL.badge.text),
                ),
            ),
            actions=(rx.foreach(_DETAIL.actions, _act),),
            lead=_DETAIL.lead,
        ),
        rx.cond(
            rx.Var.create(_DETAIL.facts).length() > 0,
            card(
                rx.el.dl(rx.foreach(_DETAIL.facts, _fact), class_name="room-facts definitions"),
                data_testid="room-facts",
            ),
        ),
        rx.foreach(_DETAIL.sections, _section),
    )


def _act(action: ObjectVar[ActionView]) -> rx.Component:
    pressed = RoomActionState.ask(
        RoomsState.here, action.key, rx.Var.create([_DETAIL.key]).to(list[str])
    )
    return rx.cond(
        action.danger,
        button(
            action.title,
            icon=action.icon,
            variant="danger",
            on_click=pressed,
            data_testid="room-action",
            data_action=action.key,
        ),
        button(
            action.title,
            icon=action.icon,
            on_click=pressed,
            data_testid="room-action",
            data_action=action.key,
        ),
    )


def _fact(fact: ObjectVar[FactView]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.term),
        rx.el.dd(
            cell_value(fact.value.to(CellView)),
            rx.cond(fact.value.mono, copy_button(fact.value.text.to(str), f"Copy {fact.term}")),
        ),
        class_name="definition",
    )


def _section(section: ObjectVar[SectionView]) -> rx.Component:
    return card(
        rx.match(
            section.kind,
            ("code", rx.el.pre(section.code, tab_index=0, class_name="code")),
            ("differences", rx.el.div(_differences(section), class_name="card-body")),
            (
                "timeline",
                rx.el.div(timeline(rx.foreach(section.steps, _entry)), class_name="card-body"),
            ),
            ("map", spot_map(section.spot.to(SpotView))),
            _table(section),
        ),
        title=section.title,
        flush=True,
        data_testid="room-section",
    )


def _table(section: ObjectVar[SectionView]) -> rx.Component:
    return rx.cond(
        section.rows.to(list).length() > 0,
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(rx.foreach(section.heads, lambda head: rx.el.th(head, scope="col")))
                ),
                rx.el.tbody(rx.foreach(section.rows, _table_row)),
                aria_label=section.title,
                class_name="table",
            ),
            class_name="table-wrap",
        ),
        rx.el.div(quiet(section.empty), class_name="card-body"),
    )


def _table_row(cells: rx.Var[tuple[CellView, ...]]) -> rx.Component:
    return row(rx.foreach(cells, lambda one: cell(cell_value(one))))


def _differences(section: ObjectVar[SectionView]) -> rx.Component:
    return rx.cond(
        section.differences.to(list).length() > 0,
        rx.el.dl(rx.foreach(section.differences, _difference), class_name="definitions"),
        quiet(section.empty),
    )


def _difference(one: ObjectVar[DifferenceView]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(one.field),
        rx.el.dd(
            rx.cond(one.before != "", rx.el.del_(one.before)),
            rx.cond(one.after != "", rx.el.ins(one.after)),
            class_name="difference",
        ),
        class_name="definition",
    )


def _entry(entry: ObjectVar[EntryView]) -> rx.Component:
    return timeline_entry(
        entry.title,
        icon=entry.icon,
        tone=entry.tone,
        note=entry.note,
        time=rx.cond(entry.at, clock(entry.at)),
    )
