"""Noting what is done, in the transaction that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert

from app.acting import actor
from app.models.audit import AuditEntry
from app.services.audit.masking import changed, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.acting import Actor
    from app.models.audit import AuditAction
    from app.work import Work

LONGEST_NAME: Final = 200
_APPEND: Final = insert(AuditEntry)


def note(
    work: Work,
    action: AuditAction,
    *,
    kind: str,
    id: str,  # noqa: A002 - the subject's own word
    title: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note that the actor did `action` to the subject of `kind` that has this id and title.

    `before` and `after` are what it was and what it became, by name; of both, only what differs is
    kept. A value whose name or type says that it is a secret is masked. The entry is written with
    the last statement of the transaction, and not at all where that fails.
    """
    note_of(work, actor(), action, kind=kind, id=id, title=title, before=before, after=after)


def note_of(
    work: Work,
    who: Actor,
    action: AuditAction,
    *,
    kind: str,
    id: str,  # noqa: A002 - the subject's own word
    title: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note what somebody did who is not the actor of this moment."""
    was, became = changed(before, after)
    work.add_last(
        _APPEND,
        {
            "actor_kind": who.kind,
            "actor_id": plain(who.id, longest=LONGEST_NAME),
            "actor_name": plain(who.name, longest=LONGEST_NAME),
            "address": plain(who.address, longest=LONGEST_NAME),
            "trace_id": who.trace_id,
            "action": action.value,
            "subject_kind": kind,
            "subject_id": plain(id, longest=LONGEST_NAME),
            "subject_title": plain(title, longest=LONGEST_NAME),
            "before": was,
            "after": became,
        },
    )
