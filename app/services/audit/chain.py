"""The chain of hashes: how an entry's is made, and which entry is the first that does not fit.

docs/audit.md describes both for those who look without this program.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from app.views.audit import Fault, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# How far from its place an entry is looked for that somebody has renumbered.
NEAR: Final = 1_000


class Link(NamedTuple):
    """An entry as the chain sees it: `said` is all else it says, as the texts that are hashed."""

    sequence: int
    said: tuple[str | None, ...]
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the newest entry was at some moment, as the bucket keeps it."""

    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """How many entries fit, and the first that does not."""

    entries: int
    finding: Finding | None


ROOT: Final = Link(0, (), b"", bytes(32))


def hash_of(link: Link, *, written_as: int | None = None) -> bytes:
    """Return the hash the entry should have; `written_as` another number than it has now."""
    number = link.sequence if written_as is None else written_as
    parts = [str(number), *link.said, link.previous.hex()]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).digest()


def examine(links: Iterator[Link], anchors: Sequence[Anchor]) -> Examined:
    """Follow the chain from its first entry to the first that does not fit.

    `anchors` are in order of their numbers. Memory does not grow with the chain.
    """
    before, last, agreed = ROOT, ROOT, ROOT.sequence
    due = iter(anchors)
    anchor = next(due, None)
    for link in links:
        finding = _misfit(before, last, link, links)
        while finding is None and anchor and anchor.sequence == link.sequence:
            if anchor.hash != link.hash:
                finding = _rewritten(agreed, link)
            agreed, anchor = link.sequence, next(due, None)
        if finding:
            return Examined(last.sequence, finding)
        before, last = last, link
    return Examined(last.sequence, _cut(last, [anchor, *due]) if anchor else None)


def _misfit(before: Link, last: Link, link: Link, rest: Iterator[Link]) -> Finding | None:
    """Tell what is wrong with the entry after `last`, or with `last`, which looked right alone."""
    expected = last.sequence + 1
    if link.sequence > expected:
        return _removed(expected, link.sequence - 1)
    # No two have the same hash: that one is a copy.
    if link.sequence < expected or link.hash == last.hash:
        return _inserted(link.sequence)
    if hash_of(link) != link.hash:
        return _not_as_written(link, next(rest, None))
    if link.previous == last.hash:
        return None
    if link.previous == before.hash and last is not ROOT:
        return _inserted(last.sequence)
    following = next(rest, None)
    fits_what_follows = following is None or following.previous == link.hash
    return _changed(last if fits_what_follows and last is not ROOT else link)


def _not_as_written(link: Link, following: Link | None) -> Finding:
    """Tell whether an entry whose own hash is wrong was changed or has another's number."""
    moved = _moved_by(link)
    after = moved if following is None else _moved_by(following)
    if moved == 0:
        # One that was put in with a number of its own pushes the next one up.
        return _inserted(link.sequence) if after < 0 else _changed(link)
    if moved != after:
        return Finding(
            Fault.MOVED,
            link.sequence,
            f"Entry {link.sequence} was written as entry {link.sequence + moved}: "
            "entries were put in another order.",
        )
    if moved > 0:
        return _removed(link.sequence, link.sequence + moved - 1)
    return _inserted(link.sequence + moved)


def _moved_by(link: Link) -> int:
    """Return by how much the number an entry was written with exceeds the one it has; 0 if none."""
    if hash_of(link) == link.hash:
        return 0
    for far in count(1):
        if far > NEAR:
            return 0
        for by in (far, -far):
            if hash_of(link, written_as=link.sequence + by) == link.hash:
                return by
    return 0


def _changed(link: Link) -> Finding:
    return Finding(
        Fault.CHANGED, link.sequence, f"Entry {link.sequence} was changed after it was written."
    )


def _inserted(sequence: int) -> Finding:
    return Finding(
        Fault.INSERTED,
        sequence,
        f"Entry {sequence} was inserted afterwards: it is none of those that were written.",
    )


def _removed(first: int, last: int) -> Finding:
    which = f"Entry {first} was" if first == last else f"Entries {first} to {last} were"
    return Finding(Fault.REMOVED, first, f"{which} removed.")


def _rewritten(agreed: int, link: Link) -> Finding:
    return Finding(
        Fault.REWRITTEN,
        agreed + 1,
        f"Entry {link.sequence} is another than the one that was anchored in the bucket: one from "
        f"{agreed + 1} on was changed, removed or inserted, and the chain made anew after it.",
    )


def _cut(last: Link, missing: Sequence[Anchor]) -> Finding:
    return Finding(
        Fault.CUT,
        last.sequence + 1,
        f"The chain ends with entry {last.sequence}, but entry {missing[-1].sequence} was anchored "
        "in the bucket: the end was cut off.",
    )
