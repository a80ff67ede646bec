"""The room of feature flags and kill switches: for whom each is on, why, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlmodel import col

from app.flags import FlagKind
from app.models.accounts import Permission
from app.models.audit import AuditEntry
from app.services.flags import FLAGS_TOPIC, list_flags
from app.services.rooms.cells import moment
from app.services.rooms.declared.flag_actions import FLAG_ACTIONS, OFF, ON, is_switch
from app.services.rooms.filters import found_in, listed_by
from app.services.rooms.room import Column, Group, Listed, Room
from app.views.rooms import CellView, ChoiceView, DetailView, EmptyView, FactView, SectionView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.accounts import Viewer
    from app.views.flags import FlagView
    from app.work import Work

SHOWN: Final = 20


def _rows(work: Work, _viewer: Viewer) -> Sequence[FlagView]:
    return list_flags(work)


def _state(row: FlagView, _viewer: Viewer | None = None) -> CellView:
    """Return for whom a flag is on; a kill switch that is on is what one looks for first."""
    if row.rule == OFF:
        return CellView("Off")
    if is_switch(row):
        return CellView("Stopped", tone="bad", icon="ban")
    if row.rule == ON:
        return CellView("On", tone="good", icon="check")
    return CellView(f"On for {row.in_words}", tone="info", icon="users")


def _expires(row: FlagView, _viewer: Viewer | None = None) -> CellView:
    if row.expires is None:
        return CellView("never")
    day = row.expires.isoformat()
    return (
        CellView(f"Expired {day}", tone="bad", icon="alarm-clock")
        if row.is_expired
        else CellView(day)
    )


def _changed(row: FlagView, _viewer: Viewer) -> CellView:
    if row.changed_at is None:
        return CellView("never")
    by = row.changed_by or "the command line"
    return CellView(f"by {by}", second=row.reason)


def _describe(work: Work, viewer: Viewer, row: FlagView) -> DetailView:
    sections = [_history(work, row.name)] if viewer.may(Permission.AUDIT_READ) else []
    return DetailView(
        title=row.name,
        lead=row.description,
        badge=_state(row),
        facts=(
            FactView("Kind", CellView(row.kind)),
            FactView("On for", CellView(row.in_words)),
            FactView("Rule", CellView(row.rule, mono=True)),
            FactView("Where that comes from", CellView(row.origin.value)),
            FactView("Default", CellView(row.default, mono=True)),
            FactView("Owner", CellView(row.owner)),
            FactView("Expires", _expires(row)),
            FactView("Changed", moment(row.changed_at, "never")),
            FactView("Changed by", CellView(row.changed_by or "nobody")),
            FactView("Why", CellView(row.reason or "nothing was said")),
        ),
        sections=tuple(sections),
    )


def _history(work: Work, name: str) -> SectionView:
    entries = work.session.scalars(
        select(AuditEntry)
        .where(col(AuditEntry.subject_kind) == "flag", col(AuditEntry.subject_id) == name)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(SHOWN)
    ).all()
    return SectionView(
        kind="table",
        title="How it was changed",
        heads=("When", "Who", "From", "To", "Why"),
        rows=tuple(_entry(entry) for entry in entries),
        empty="It has always had its default.",
    )


def _entry(entry: AuditEntry) -> tuple[CellView, ...]:
    before: dict[str, Any] = entry.before or {}
    after: dict[str, Any] = entry.after or {}
    return (
        CellView(at=entry.at),
        CellView(entry.actor_name),
        CellView(str(before.get("rule", "")), mono=True),
        CellView(str(after.get("rule", "")), mono=True),
        CellView(str(after.get("reason", ""))),
    )


def _is(row: FlagView, value: str) -> bool:
    words = {"on": row.rule == ON, "off": row.rule == OFF, "partly": row.rule not in {ON, OFF}}
    return words[value]


FLAGS: Final = Room(
    key="flags",
    title="Feature flags",
    group=Group.SYSTEM,
    icon="flag",
    lead="What is let out step by step, and the kill switches. Every process goes by a change "
    "within two seconds.",
    permission=Permission.FLAG_READ,
    source=Listed(_rows, key=lambda row: row.name),
    name=lambda row: row.name,
    columns=(
        Column(
            "name",
            "Flag",
            lambda row, _: CellView(row.name, second=row.description),
            sort=lambda row: row.name,
            exported=lambda row: row.name,
        ),
        Column(
            "kind",
            "Kind",
            lambda row, _: row.kind.capitalize(),
            sort=lambda row: (not is_switch(row), row.name),
            wide_only=True,
        ),
        Column("state", "State", _state, exported=lambda row: row.rule),
        Column(
            "expires",
            "Expires",
            _expires,
            sort=lambda row: row.expires,
            figures=True,
            wide_only=True,
            exported=lambda row: row.expires or "",
        ),
        Column(
            "owner", "Owner", lambda row, _: row.owner, sort=lambda row: row.owner, wide_only=True
        ),
        Column("changed", "Changed", _changed, wide_only=True),
    ),
    sort="kind",
    filters=(
        listed_by(
            "kind",
            "Kind",
            tuple(ChoiceView(kind.value, kind.value.capitalize()) for kind in FlagKind),
            lambda row, value: row.kind == value,
        ),
        listed_by(
            "state",
            "State",
            (ChoiceView("on", "On"), ChoiceView("partly", "On for some"), ChoiceView("off", "Off")),
            _is,
        ),
        listed_by(
            "expired",
            "Date",
            (ChoiceView("yes", "Expired"), ChoiceView("no", "Not expired")),
            lambda row, value: row.is_expired == (value == "yes"),
        ),
    ),
    search=found_in(lambda row: f"{row.name} {row.description} {row.owner}"),
    search_hint="Name, owner or what it does",
    actions=FLAG_ACTIONS,
    detail=_describe,
    empty=EmptyView("flag", "No flag is declared", "They are declared in app/flags.py.", "", ""),
    topics=(FLAGS_TOPIC,),
    letter="k",
    words="kill switches read-only stop mail syncs features toggles experiments",
)
