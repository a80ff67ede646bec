"""The manifest of a snapshot: what is in the bucket, and the hash that binds it to the one before.

The root hash is the SHA-256 of the manifest without it, as JSON with sorted keys and no spaces.
Since that holds the hash of every part and the root hash of the previous snapshot, nothing of any
of them can change without every later root hash being another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from app.errors import BadInput

ROOT: Final = "snapshots/"
CSV_ROOT: Final = "exports/snapshots/"
NAME: Final = "manifest.json"
CONTENT_TYPE: Final = "application/json"
FORMAT: Final = "anythingyouwantt-snapshot"


def folder_of(snapshot_id: UUID, taken_at: datetime) -> str:
    """Return where a snapshot is kept, with a slash at the end."""
    return f"{ROOT}taken_date={taken_at.astimezone(UTC):%Y-%m-%d}/snapshot={snapshot_id}/"


def csv_of(snapshot_id: UUID) -> str:
    """Return where a snapshot is kept as CSV, if somebody has asked for that: not among its files.

    Not what proves anything, and made again from those at any time.
    """
    return f"{CSV_ROOT}{snapshot_id}.csv"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says, and its root hash."""

    said: dict[str, Any]
    root_hash: str

    @property
    def content(self) -> bytes:
        """The manifest as it is kept."""
        whole = self.said | {"root_hash": self.root_hash}
        return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Name, rows, bytes and SHA-256 of each part."""
        return self.said["parts"]

    @property
    def previous_root_hash(self) -> str | None:
        """The root hash of the snapshot before, None for the first one."""
        return self.said["previous_root_hash"]


def seal(said: dict[str, Any]) -> Manifest:
    """Return the manifest that says this."""
    return Manifest(said, _hash_of(said))


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest. Raises BadInput for one that is not what its root hash says."""
    try:
        said = orjson.loads(content)
        claimed = said.pop("root_hash")
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        raise BadInput("The manifest is no manifest.") from None
    if _hash_of(said) != claimed:
        raise BadInput("The manifest was changed: its root hash is another.")
    return Manifest(said, claimed)


def _hash_of(said: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
