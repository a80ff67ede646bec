"""What pages and the command line show of snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """One snapshot.

    `title` says in words what it holds; `query` is the same as the query part of the catalogue's
    address, "" for everything. `by` is who asked first, "" for the installation itself. Counts are
    of rows and bytes; `rows_expected` is None while nothing is known. `chain` is `verified`,
    `damaged` (then `damage` says what is), `unverified`, or "" for what is not stored. `is_open`
    while it waits or is captured; `is_readable` when it is stored and not deleted.
    """

    id: UUID
    title: str
    query: str
    filter: Mapping[str, Any]
    state: str
    trigger: str
    by: str
    is_own: bool
    created_at: datetime
    taken_at: datetime | None
    finished_at: datetime | None
    rows_done: int
    rows_expected: int | None
    rows: int | None
    bytes: int | None
    parts: int
    position: int | None
    root_hash: str
    previous_root_hash: str
    schema_version: int
    chain: str
    damage: str
    verified_at: datetime | None
    problem: str
    is_open: bool
    is_readable: bool

    @property
    def seconds(self) -> float | None:
        """How long it took from being asked for, None while it has not ended."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.created_at).total_seconds()


@dataclass(frozen=True, slots=True)
class SnapshotPart:
    """A Parquet file of a stored snapshot, by its key in the bucket."""

    key: str
    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SnapshotsPage:
    """Some snapshots, newest first; `next_before` is given as `before` to get those below."""

    rows: tuple[SnapshotView, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What reading a snapshot again has found: `damage` has a sentence for each thing wrong."""

    id: UUID
    rows: int
    bytes: int
    parts: int
    root_hash: str
    damage: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.damage


@dataclass(frozen=True, slots=True)
class Retained:
    """What retention says of one snapshot: `keeps` is why it is kept, "" where it is deleted."""

    id: UUID
    title: str
    taken_at: datetime
    rows: int
    bytes: int
    keeps: str


@dataclass(frozen=True, slots=True)
class Download:
    """The file `part` of a snapshot at an address that works for minutes, for who has it."""

    part: str
    name: str
    address: str
    bytes: int


@dataclass(frozen=True, slots=True)
class CsvFile:
    """How somebody gets a snapshot as CSV: at once where it `is_short`, else at `address`.

    `address` is "" while a job writes it.
    """

    name: str
    address: str = ""
    is_short: bool = False
