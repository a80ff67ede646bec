"""What the program says about its own health."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing the program needs: `name`, whether it is there, and why not, in one sentence.

    `seconds` is how long the question took.
    """

    name: str
    ok: bool
    sentence: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether this process can serve, and what it looked at."""

    checks: tuple[CheckResult, ...]

    @property
    def ready(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)
