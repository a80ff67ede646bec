"""The audit: noting what is done, and reading it.

Every use case that changes rights, settings, feeds, flags or somebody else's order calls `note` in
the unit of work of the change, so that there is never the one without the other. An area of its
own that calls no other, so that every other may call it.
"""

from __future__ import annotations

from app.models.audit import AuditAction
from app.services.audit.anchors import newest_entry, write_anchor
from app.services.audit.note import note, note_of
from app.services.audit.refusals import failed, note_refusals, refused, sign_in_failed
from app.services.audit.verify import (
    can_be_changed,
    keep_verification,
    last_verification,
    verify_chain,
)

__all__ = [
    "AuditAction",
    "can_be_changed",
    "failed",
    "keep_verification",
    "last_verification",
    "newest_entry",
    "note",
    "note_of",
    "note_refusals",
    "refused",
    "sign_in_failed",
    "verify_chain",
    "write_anchor",
]
