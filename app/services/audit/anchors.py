"""Anchors: what the newest entry was, kept in the bucket, where no one with the database reaches.

The name of an anchor says it all, so that comparing takes a listing and no reading; one with the
same name is never written twice. What the object holds is for people.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.integrations.bucket import configured_bucket
from app.models.audit import AuditEntry
from app.models.columns import now
from app.services.audit.chain import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.work import Work

FOLDER: Final = "audit/anchors/"
# Numbers of one length stand in the order of their names.
DIGITS: Final = 16


def newest_entry(work: Work) -> Anchor | None:
    """Return what is to be anchored now, None while nothing was ever noted."""
    row = work.session.execute(
        select(col(AuditEntry.sequence), col(AuditEntry.hash))
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).one_or_none()
    return Anchor(row.sequence or 0, row.hash) if row else None


def write_anchor(anchor: Anchor) -> bool:
    """Keep an anchor in the bucket; tell whether it was not there before. Raises Unavailable."""
    said = {
        "sequence": anchor.sequence,
        "hash": anchor.hash.hex(),
        "at": now().isoformat(timespec="seconds"),
    }
    return configured_bucket().put_new(
        f"{FOLDER}{anchor.sequence:0{DIGITS}d}-{anchor.hash.hex()}.json",
        json.dumps(said).encode(),
        content_type="application/json",
    )


def known_anchors() -> list[Anchor]:
    """Return every anchor in the bucket, in order of their numbers. Raises Unavailable."""
    return sorted(_anchors(), key=lambda anchor: anchor.sequence)


def _anchors() -> Iterator[Anchor]:
    for key in configured_bucket().keys(FOLDER):
        number, _, digest = key.removeprefix(FOLDER).removesuffix(".json").partition("-")
        try:
            yield Anchor(int(number), bytes.fromhex(digest))
        except ValueError:
            # Not one of ours. To take one away, somebody would have to delete it, which the
            # bucket's own lock prevents; see docs/audit.md.
            continue
