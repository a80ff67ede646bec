"""What a bucket takes in pieces, and what it finds again of such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Kept:
    """A key that a bucket keeps something under, or an upload to it that was never completed.

    `bytes` is None for such an upload.
    """

    key: str
    bytes: int | None


class Upload(Protocol):
    """Bytes on their way to one key, sent in pieces while they are written.

    As a context: the key is there, as a whole, when the block has ended, and not at all where it
    raises. `write` and the end of the block raise Conflict where the key is taken by then.
    """

    @property
    def bytes(self) -> int:
        """How many were written."""
        ...

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hexadecimal."""
        ...

    def write(self, content: bytes) -> int:
        """Take the next bytes; return how many."""
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Complete what was written, or leave nothing behind."""
        ...
