"""The room of health: every part that the program needs, asked just now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.models.accounts import Permission
from app.services.operations.health_rows import health_rows
from app.services.rooms.filters import listed_by
from app.services.rooms.room import Column, Group, Listed, Room
from app.views.rooms import CellView, ChoiceView, EmptyView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.accounts import Viewer
    from app.views.health import CheckResult
    from app.work import Work


def _rows(_work: Work, _viewer: Viewer) -> Sequence[CheckResult]:
    return health_rows()


def _state(row: CheckResult, _viewer: Viewer) -> CellView:
    if row.ok:
        return CellView("In order", tone="good", icon="check")
    return CellView("Wrong", tone="bad", icon="circle-alert")


HEALTH: Final = Room(
    key="health",
    title="Health",
    group=Group.SYSTEM,
    icon="heart-pulse",
    lead="Every part that the program needs, asked a moment ago by the process that shows this.",
    permission=Permission.OPERATIONS_READ,
    source=Listed(_rows, key=lambda row: row.name),
    name=lambda row: row.name,
    columns=(
        Column(
            "name",
            "Part",
            lambda row, _: row.name.replace("-", " ").capitalize(),
            sort=lambda row: row.name,
            exported=lambda row: row.name,
        ),
        Column("state", "State", _state, sort=lambda row: row.ok),
        Column("sentence", "What was found", lambda row, _: row.sentence),
        Column(
            "took",
            "Took",
            lambda row, _: f"{row.seconds * 1000:,.0f} ms",
            sort=lambda row: row.seconds,
            figures=True,
            wide_only=True,
            exported=lambda row: round(row.seconds, 4),
        ),
    ),
    sort="state",
    filters=(
        listed_by(
            "state",
            "State",
            (ChoiceView("ok", "In order"), ChoiceView("wrong", "Wrong")),
            lambda row, value: row.ok == (value == "ok"),
        ),
    ),
    empty=EmptyView("heart-pulse", "Nothing was asked", "Which cannot be.", "", ""),
    letter="h",
    words="status checks doctor database redis bucket mail queues",
)
