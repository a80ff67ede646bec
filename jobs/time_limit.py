"""How long what a worker has in hand may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

if TYPE_CHECKING:
    from types import FrameType


class TimeLimit(UnixSignalDeathPenalty):
    """Interrupts the block it opens after so many seconds with JobTimeoutException, once.

    The one that is interrupted may turn that into an error of its own, as a driver does whose
    connection is left in the middle of a statement; `check` still tells.
    """

    _is_over = False

    def __init__(self, seconds: int) -> None:
        """Interrupt after so many seconds."""
        super().__init__(seconds, JobTimeoutException)  # pyright: ignore[reportUnknownMemberType] - RQ has no types here

    def handle_death_penalty(self, signum: int, frame: FrameType | None) -> NoReturn:
        """Interrupt, and remember it."""
        self._is_over = True
        super().handle_death_penalty(signum, frame)  # pyright: ignore[reportUnknownMemberType] - as above

    def check(self) -> None:
        """Raise JobTimeoutException where the time is over."""
        if self._is_over:
            raise JobTimeoutException("It took longer than it may.")
