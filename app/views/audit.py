"""What pages and the command line show of the audit. Times are UTC, aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What was found to have been done to the chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    REWRITTEN = "rewritten"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first entry that is not as it was written, and what became of it, in a sentence."""

    fault: Fault
    sequence: int
    sentence: str


@dataclass(frozen=True, slots=True)
class VerificationView:
    """What looking at the whole chain came to.

    `anchors` is how many of the bucket it was compared with, None where the bucket was away;
    `finding` is None where every entry is as it was written.
    """

    at: datetime
    entries: int
    anchors: int | None
    finding: Finding | None

    @property
    def sentence(self) -> str:
        """What it came to, for a person."""
        if self.finding:
            return self.finding.sentence
        if self.anchors is None:
            return (
                f"{self.entries:,} entries are as they were written. The bucket with the anchors "
                "does not answer: whether the newest ones were cut off cannot be told."
            )
        return (
            f"{self.entries:,} entries are as they were written, "
            f"and {self.anchors:,} anchors in the bucket agree."
        )
