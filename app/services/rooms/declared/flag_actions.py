"""What can be done to feature flags: on, off, or on for some."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from app.flags import FlagKind
from app.models.accounts import Permission
from app.services.flags import change_flag
from app.services.rooms.filters import counted
from app.services.rooms.room import Action, Field
from app.work import goes_on

if TYPE_CHECKING:
    from app.services.rooms.room import Call
    from app.views.flags import FlagView
    from app.work import Work

ON, OFF = "on", "off"


def is_switch(row: FlagView) -> bool:
    """Tell whether a flag stops something, and is no feature."""
    return row.kind == FlagKind.KILL_SWITCH


def _set(rule: str | None, work: Work, call: Call) -> None:
    change_flag(
        work,
        administrator=call.viewer,
        name=call.key,
        rule=rule or call.values["rule"],
        reason=call.reason,
    )


# A flag is what switches read-only mode off again.
_change: Final = goes_on(partial(_set, None))
_turn_on: Final = goes_on(partial(_set, ON))
_turn_off: Final = goes_on(partial(_set, OFF))


def _flags(number: int) -> str:
    return counted(number, "flag")


FLAG_ACTIONS: Final = (
    Action(
        "on",
        "Turn on",
        "play",
        Permission.FLAG_CHANGE,
        says=lambda n: (
            f"{_flags(n)} will be on for everybody within two seconds. A kill "
            "switch that is on stops what it is named after."
        ),
        did=lambda n: f"{_flags(n)} turned on.",
        carry_out=_turn_on,
        applies=lambda row: row.is_changeable and row.rule != ON,
        needs_reason=True,
        danger=True,
    ),
    Action(
        "off",
        "Turn off",
        "ban",
        Permission.FLAG_CHANGE,
        says=lambda n: f"{_flags(n)} will be off for everybody within two seconds.",
        did=lambda n: f"{_flags(n)} turned off.",
        carry_out=_turn_off,
        applies=lambda row: row.is_changeable and row.rule != OFF,
        needs_reason=True,
    ),
    Action(
        "change",
        "Choose for whom",
        "users",
        Permission.FLAG_CHANGE,
        says=lambda _: "It counts within two seconds.",
        did=lambda _: "The flag is changed.",
        carry_out=_change,
        applies=lambda row: row.is_changeable and not is_switch(row),
        fields=(
            Field(
                "rule",
                "On for",
                hint="off, on, 25%, role:operator, person:<id>; several parts, separated by "
                "blanks, are for whoever one of them fits.",
                initial=lambda row: row.rule,
            ),
        ),
        needs_reason=True,
        bulk=False,
    ),
)
