"""What can be done: the bar over selected rows, and the question before anything happens."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex.vars import ObjectVar

from app.views.room_actions import FieldView
from app.views.rooms import ActionView
from components.ui import button, dialog, icon_button, notice_bar, select, text_area, text_field
from state.room_actions import RoomActionState
from state.rooms import RoomState

_PAGE = RoomState.page
_SELECTED = rx.Var.create(RoomState.selected)
_CONFIRM = RoomActionState.confirm
_FORM = "room-confirm-form"


def general_actions() -> rx.Component:
    """Return the buttons of what is about no row in particular."""
    return rx.foreach(
        _PAGE.general,
        lambda action: button(
            action.title,
            icon=action.icon,
            on_click=RoomActionState.ask(_PAGE.key, action.key, []),
            data_testid="room-action",
            data_action=action.key,
        ),
    )


def bulk_bar() -> rx.Component:
    """Return the bar that shows while rows are selected."""
    return rx.cond(
        _SELECTED.length() > 0,
        rx.el.div(
            rx.el.span(
                rx.cond(RoomState.whole, _PAGE.matches, _SELECTED.length().to(str)),
                " selected",
                class_name="bulk-count",
                data_testid="bulk-count",
            ),
            rx.cond(
                (_PAGE.count > _SELECTED.length())
                & (_SELECTED.length() == rx.Var.create(_PAGE.rows).length())
                & ~rx.Var.create(RoomState.whole),
                button(
                    "Select all ",
                    _PAGE.matches,
                    size="small",
                    variant="quiet",
                    on_click=RoomState.select_whole,
                    data_testid="bulk-whole",
                ),
            ),
            rx.foreach(_PAGE.bulk, _bulk),
            icon_button("x", "Select none", size="small", on_click=RoomState.select_none),
            role="region",
            aria_label="Selected rows",
            class_name="bulk-bar",
            data_testid="bulk-bar",
        ),
    )


def _bulk(action: ObjectVar[ActionView]) -> rx.Component:
    def acting(pressed: Any) -> rx.Component:
        return button(
            action.title,
            icon=action.icon,
            size="small",
            on_click=pressed,
            data_testid="bulk-action",
            data_action=action.key,
        )

    return rx.cond(
        RoomState.whole,
        acting(RoomActionState.ask_of_whole(_PAGE.key, action.key)),
        acting(RoomActionState.ask(_PAGE.key, action.key, RoomState.selected)),
    )


def confirmation() -> rx.Component:
    """Return the dialog that names what will happen, and asks what has to be said along with it."""
    return dialog(
        rx.cond(
            RoomActionState.is_asking,
            rx.el.form(
                rx.el.p(_CONFIRM.sentence, data_testid="confirm-sentence"),
                rx.foreach(_CONFIRM.fields, _field),
                rx.cond(
                    _CONFIRM.needs_reason,
                    text_area(
                        label="Reason",
                        name="reason",
                        hint="Kept with your name, for those who look at this later.",
                        error=rx.cond(
                            RoomActionState.field == "reason", RoomActionState.problem, ""
                        ),
                        max_length=2000,
                    ),
                ),
                rx.cond(
                    (RoomActionState.problem != "") & (RoomActionState.field == ""),
                    notice_bar(RoomActionState.problem, tone="bad", role="alert"),
                ),
                on_submit=RoomActionState.act,
                reset_on_submit=False,
                id=_FORM,
                class_name="confirm-form",
            ),
        ),
        name="room-confirm",
        open=RoomActionState.is_asking,
        on_close=RoomActionState.dismiss,
        title=rx.cond(
            _CONFIRM.subject != "", f"{_CONFIRM.title}: {_CONFIRM.subject}", _CONFIRM.title
        ),
        actions=(
            button("Keep as it is", on_click=RoomActionState.dismiss),
            rx.cond(_CONFIRM.danger, _carry_out("danger-primary"), _carry_out("primary")),
        ),
        data_testid="room-confirm",
    )


def _carry_out(variant: Literal["primary", "danger-primary"]) -> rx.Component:
    return button(
        _CONFIRM.title,
        variant=variant,
        type="submit",
        form=_FORM,
        loading=RoomActionState.is_busy,
        data_testid="confirm-action",
    )


def _field(field: ObjectVar[FieldView]) -> rx.Component:
    error = rx.cond(RoomActionState.field == field.key, RoomActionState.problem, "")
    said = {
        "label": field.title.to(str),
        "name": field.key.to(str),
        "hint": field.hint.to(str),
        "error": error,
        "default_value": field.value.to(str),
    }
    pairs = rx.Var(f"{field.choices!s}.map((choice) => [choice.value, choice.text])").to(
        list[list[str]]
    )
    return rx.fragment(
        rx.match(
            field.kind,
            ("choice", select(options=pairs, **said)),
            ("long", text_area(max_length=2000, **said)),
            text_field(max_length=2000, **said),
        )
    )
