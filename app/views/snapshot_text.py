"""Snapshots as text on screen, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.views import formatting

if TYPE_CHECKING:
    from app.views.snapshots import SnapshotPart, SnapshotView

UNITS: Final = ("B", "kB", "MB", "GB", "TB")
STEP: Final = 1000
# What is being captured never looks complete before it is: the figures are an estimate.
NEARLY_ALL: Final = 99
_CHAIN: Final = {
    "verified": ("Verified", "good", "shield-check"),
    "damaged": ("Damaged", "bad", "circle-alert"),
    "unverified": ("Not verified yet", "neutral", "hourglass"),
    "": ("", "neutral", "hourglass"),
}


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One snapshot in a list, or at the head of its page.

    `at` is the moment it shows, or when it was asked for. `progress` is a percentage, `done` the
    same in words. `href` is "" for one that cannot be opened.
    """

    id: str
    href: str
    title: str
    query: str
    by: str
    state: str
    chain: str
    chain_tone: str
    chain_icon: str
    damage: str
    rows: str
    size: str
    at: datetime
    taken: str
    progress: int
    done: str
    problem: str
    root_hash: str
    previous_root_hash: str
    position: str
    verified_at: datetime | None
    is_open: bool
    is_readable: bool
    can_cancel: bool


NO_SNAPSHOT: Final = SnapshotRow(
    id="",
    href="",
    title="",
    query="",
    by="",
    state="",
    chain="",
    chain_tone="neutral",
    chain_icon="hourglass",
    damage="",
    rows="",
    size="",
    at=datetime.fromtimestamp(0, UTC),
    taken="",
    progress=0,
    done="",
    problem="",
    root_hash="",
    previous_root_hash="",
    position="",
    verified_at=None,
    is_open=False,
    is_readable=False,
    can_cancel=False,
)


def snapshot_row(snapshot: SnapshotView, locale: str, *, may_cancel: bool) -> SnapshotRow:
    """Write a snapshot for a reader."""
    chain, chain_tone, chain_icon = _CHAIN[snapshot.chain]
    rows, taken = snapshot.rows, snapshot.taken_at
    return SnapshotRow(
        id=str(snapshot.id),
        href=f"/snapshots/{snapshot.id}",
        title=snapshot.title,
        query=snapshot.query,
        by=snapshot.by or _ASKED_BY[snapshot.trigger],
        state=snapshot.state,
        chain=chain,
        chain_tone=chain_tone,
        chain_icon=chain_icon,
        damage=snapshot.damage,
        rows="" if rows is None else formatting.number(rows, locale),
        size="" if snapshot.bytes is None else size_said(snapshot.bytes, locale),
        at=taken or snapshot.created_at,
        taken=formatting.moment(taken, locale) if taken else "",
        progress=progress_of(snapshot),
        done=_done(snapshot, locale),
        problem=snapshot.problem,
        root_hash=snapshot.root_hash,
        previous_root_hash=snapshot.previous_root_hash,
        position="" if snapshot.position is None else formatting.number(snapshot.position, locale),
        verified_at=snapshot.verified_at,
        is_open=snapshot.is_open,
        is_readable=snapshot.is_readable,
        can_cancel=snapshot.is_open and may_cancel,
    )


_ASKED_BY: Final = {
    "person": "Somebody who has left",
    "schedule": "The schedule",
    "command line": "The command line",
}


def progress_of(snapshot: SnapshotView) -> int:
    """Return how far a capture has come, in percent."""
    if not snapshot.is_open:
        return 100 if snapshot.is_readable else 0
    expected = snapshot.rows_expected or 0
    return min(NEARLY_ALL, 100 * snapshot.rows_done // expected) if expected else 0


def _done(snapshot: SnapshotView, locale: str) -> str:
    if not snapshot.is_open or not snapshot.rows_expected:
        return ""
    done = formatting.number(snapshot.rows_done, locale)
    return f"{done} of about {formatting.number(snapshot.rows_expected, locale)}"


def size_said(size: int, locale: str) -> str:
    """Return a number of bytes with three figures at most."""
    value, place = float(size), 0
    while value >= STEP and place < len(UNITS) - 1:
        value, place = value / STEP, place + 1
    shown = round(value) if value >= 10 or place == 0 else round(value, 1)  # noqa: PLR2004 - one decimal below ten
    return f"{formatting.number(shown, locale)}\u00a0{UNITS[place]}"


@dataclass(frozen=True, slots=True)
class FileText:
    """One file of a snapshot, and the address that leads to it."""

    name: str
    href: str
    rows: str
    size: str
    sha256: str


def files_said(
    snapshot_id: str, parts: tuple[SnapshotPart, ...], locale: str
) -> tuple[FileText, ...]:
    """Write the files of a snapshot for a reader."""
    return tuple(
        FileText(
            name=part.name,
            href=f"/snapshots/{snapshot_id}/files/{part.name}",
            rows=formatting.number(part.rows, locale),
            size=size_said(part.bytes, locale),
            sha256=part.sha256,
        )
        for part in parts
    )
