"""The room of the audit: who did what to what, when and from where, with what it changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import select
from sqlmodel import col

from app.acting import ActorKind
from app.models.accounts import Permission
from app.models.audit import AuditAction, AuditEntry
from app.services.audit.conditions import done_when, matching
from app.services.rooms.cells import AnyRow, pretty
from app.services.rooms.filters import linked, since, within_time, words_of
from app.services.rooms.room import Choices, Column, Filter, Group, Room, Table
from app.views.room_query import detail_address
from app.views.rooms import (
    CellView,
    ChoiceView,
    DetailView,
    DifferenceView,
    EmptyView,
    FactView,
    SectionView,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work

MOST_NAMES: Final = 3
NOTHING_SAID: Final = "nothing"
# Deeds that somebody should look at, and what they look like.
LOOKS: Final = {
    AuditAction.REFUSED.value: ("bad", "shield-alert"),
    AuditAction.PERSON_SIGN_IN_FAILED.value: ("warn", "lock"),
    AuditAction.PERSON_BLOCKED.value: ("warn", "user-x"),
    AuditAction.PERSON_ROLES_CHANGED.value: ("warn", "shield"),
}
# The room of each kind of subject, and the permission to look there.
_ROOMS: Final = {
    "person": ("people", Permission.PERSON_READ),
    "feed": ("feeds", Permission.FEED_READ),
    "supplier": ("suppliers", Permission.SUPPLIER_READ),
    "store": ("stores", Permission.SUPPLIER_READ),
    "job": ("jobs", Permission.JOB_READ),
}


def action_words(action: str) -> str:
    """Return a deed as one says it: `person.roles-changed` is "Person: roles changed"."""
    kind, _, deed = action.partition(".")
    return f"{kind.replace('-', ' ').capitalize()}: {deed.replace('-', ' ')}"


def subject_href(kind: str, subject_id: str, viewer: Viewer) -> str:
    """Return the page of what a deed was done to, "" where there is none for the reader."""
    if kind == "order" and viewer.may(Permission.ORDER_READ_ALL):
        return f"/orders/{subject_id}"
    room, needed = _ROOMS.get(kind, ("", None))
    return detail_address(room, subject_id) if needed and viewer.may(needed) else ""


def _actor(row: AnyRow, viewer: Viewer) -> CellView:
    is_person = row.actor_kind is ActorKind.PERSON
    may_see = is_person and viewer.may(Permission.PERSON_READ)
    names = {ActorKind.SERVICE: "this program", ActorKind.NOBODY: "not signed in"}
    return CellView(
        row.actor_name or "Nobody",
        second=row.address or names.get(row.actor_kind, ""),
        href=detail_address("people", row.actor_id) if may_see else "",
    )


def _action(row: AnyRow, _viewer: Viewer) -> CellView:
    tone, icon = LOOKS.get(row.action, ("", ""))
    return CellView(action_words(row.action), tone=tone, icon=icon)


def _subject(row: AnyRow, viewer: Viewer) -> CellView:
    return CellView(
        row.subject_title or row.subject_id,
        second=row.subject_kind,
        href=subject_href(row.subject_kind, row.subject_id, viewer),
    )


def _changed(row: AnyRow, _viewer: Viewer) -> str:
    names: list[str] = [*{**(row.before or {}), **(row.after or {})}]
    shown = ", ".join(name.replace("_", " ") for name in names[:MOST_NAMES])
    return f"{shown} and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else shown


def _when(value: str) -> ColumnElement[bool]:
    return done_when(lambda column: within_time(column, value))


def _kinds(_work: Work) -> Choices:
    kinds = sorted({action.value.partition(".")[0] for action in AuditAction} - {"access"})
    return [ChoiceView(kind, kind.replace("-", " ").capitalize()) for kind in kinds]


def _about(kind: str) -> ColumnElement[bool]:
    return col(AuditEntry.action).startswith(f"{kind}.", autoescape=True)


def _describe(_work: Work, viewer: Viewer, row: AnyRow) -> DetailView:
    actor, action, subject = _actor(row, viewer), _action(row, viewer), _subject(row, viewer)
    return DetailView(
        title=action.text,
        lead=f"{actor.text} did this to {subject.text}." if subject.text else "",
        facts=(
            FactView("When", CellView(at=row.at)),
            FactView("Who", CellView(actor.text, href=actor.href)),
            FactView("What to", CellView(subject.text, href=subject.href)),
            FactView("From", CellView(row.address or "inside", mono=True)),
            FactView("Entry", CellView(str(row.sequence))),
            FactView(
                "Trace",
                CellView(row.trace_id, mono=True, href=f"/admin/audit?trace={row.trace_id}")
                if row.trace_id
                else CellView("none"),
            ),
            FactView("Hash", CellView(row.hash.hex(), mono=True)),
        ),
        sections=(
            SectionView(
                kind="differences",
                title="What it changed",
                differences=differences(row.before or {}, row.after or {}),
                empty="Nothing that has a before and an after.",
            ),
        ),
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[DifferenceView, ...]:
    """Return what was and what became, field by field, in words where there are some."""
    return tuple(
        _difference(name.replace("_", " "), _said(before.get(name)), _said(after.get(name)))
        for name in {**before, **after}
    )


def _difference(field: str, before: str, after: str) -> DifferenceView:
    """Return a change; what was not there before, or is still the same, has nothing struck out."""
    return DifferenceView(field, "" if before in {NOTHING_SAID, after} else before, after)


def _said(value: object) -> str:
    if value is None or value in ("", [], {}):
        return NOTHING_SAID
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_said(one) for one in cast("list[object]", value))
    return value if isinstance(value, str) else pretty(value)


AUDIT: Final = Room(
    key="audit",
    title="Audit",
    group=Group.SYSTEM,
    icon="scroll-text",
    lead="Who did what to what, when and from where. Entries are only ever added, and chained: "
    "python -m app audit verify finds what was tampered with.",
    permission=Permission.AUDIT_READ,
    source=Table(
        select(
            col(AuditEntry.sequence),
            col(AuditEntry.at),
            col(AuditEntry.actor_kind),
            col(AuditEntry.actor_id),
            col(AuditEntry.actor_name),
            col(AuditEntry.address),
            col(AuditEntry.trace_id),
            col(AuditEntry.action),
            col(AuditEntry.subject_kind),
            col(AuditEntry.subject_id),
            col(AuditEntry.subject_title),
            col(AuditEntry.before),
            col(AuditEntry.after),
            col(AuditEntry.hash),
        ),
        key=col(AuditEntry.sequence),
    ),
    name=lambda row: f"{action_words(row.action)}, {row.subject_title}",
    columns=(
        Column("action", "What", _action, exported=lambda row: row.action),
        Column("actor", "Who", _actor, exported=lambda row: row.actor_name),
        Column("subject", "What to", _subject, wide_only=True),
        Column("changed", "Changed", _changed, wide_only=True),
        # Entries are numbered as they come.
        Column(
            "when",
            "When",
            lambda row, _: CellView(at=row.at),
            sort=col(AuditEntry.sequence),
            figures=True,
        ),
        Column(
            "address",
            "From",
            lambda row, _: CellView(row.address, mono=True),
            wide_only=True,
            hidden=True,
        ),
        Column(
            "trace",
            "Trace",
            lambda row, _: CellView(row.trace_id, mono=True),
            wide_only=True,
            hidden=True,
        ),
    ),
    sort="-when",
    filters=(
        Filter("about", "About", "choice", _about, _kinds),
        Filter(
            "action",
            "What",
            "choice",
            lambda value: col(AuditEntry.action) == value,
            tuple(
                ChoiceView(choice.value, action_words(choice.value))
                for choice in words_of(AuditAction)
            ),
        ),
        replace(since("when", "When", col(AuditEntry.at)), where=_when),
        linked("actor", "Who", col(AuditEntry.actor_id)),
        linked("subject", "What to", col(AuditEntry.subject_id)),
        linked("trace", "Trace", col(AuditEntry.trace_id)),
    ),
    search=matching,
    search_hint="Who or what to",
    detail=_describe,
    empty=EmptyView(
        "scroll-text", "Nothing is noted yet", "Signing in is the first thing that is.", "", ""
    ),
    letter="l",
    words="log trail history changes who did refused sign-ins",
)
