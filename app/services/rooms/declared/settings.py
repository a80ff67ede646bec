"""The room of settings: what holds in this process, and where each value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.models.accounts import Permission
from app.services.operations.setting_rows import setting_rows
from app.services.rooms.filters import found_in, listed_by
from app.services.rooms.room import Choices, Column, Group, Listed, Room
from app.setting_files import DEFAULT
from app.views.rooms import CellView, ChoiceView, EmptyView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.accounts import Viewer
    from app.views.operations import SettingRow
    from app.work import Work


def _rows(_work: Work, _viewer: Viewer) -> Sequence[SettingRow]:
    return setting_rows()


def _value(row: SettingRow, _viewer: Viewer) -> CellView:
    if row.is_secret:
        return CellView(row.value, icon="lock", tone="neutral")
    return CellView(row.value, mono=True)


def _source(row: SettingRow, _viewer: Viewer) -> CellView:
    if row.source == DEFAULT:
        return CellView(row.source)
    return CellView(row.source, tone="info", icon="pencil")


def _sources(_work: Work) -> Choices:
    return [ChoiceView(source, source) for source in sorted({row.source for row in setting_rows()})]


SETTINGS: Final = Room(
    key="settings",
    title="Settings",
    group=Group.SYSTEM,
    icon="settings",
    lead="What this process was started with. It is changed where the program is installed, "
    "see docs/configuration.md; of secrets is said only whether they are set.",
    permission=Permission.SETTING_READ,
    source=Listed(_rows, key=lambda row: row.name),
    name=lambda row: row.name,
    columns=(
        Column(
            "name",
            "Setting",
            lambda row, _: CellView(row.name, second=row.description),
            sort=lambda row: row.name,
            exported=lambda row: row.name,
        ),
        Column("value", "Value", _value),
        Column("source", "Came from", _source, sort=lambda row: row.source, wide_only=True),
    ),
    sort="name",
    filters=(listed_by("source", "Came from", _sources, lambda row, value: row.source == value),),
    search=found_in(lambda row: f"{row.name} {row.description}"),
    search_hint="Name or what it does",
    empty=EmptyView("settings", "There are no settings", "Which cannot be.", "", ""),
    words="configuration environment variables secrets",
)
