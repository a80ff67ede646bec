"""The health of every part as a list: what `doctor` asks, kept for a moment."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from app.services.operations import doctor, health

if TYPE_CHECKING:
    from app.views.health import CheckResult

# Asking may take half a minute and touches other systems: many who look get one answer.
KEPT_SECONDS: Final = 15.0

_CHECKS: Final = (
    *doctor.CHECKS,
    *(
        check
        for check in health.CHECKS
        if check.name not in {known.name for known in doctor.CHECKS}
    ),
)


class _Kept:
    """The last answers and when they came."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.until = 0.0
        self.checks: tuple[CheckResult, ...] = ()


_kept: Final = _Kept()


def health_rows() -> tuple[CheckResult, ...]:
    """Return what every check found, asked at most every quarter of a minute."""
    with _kept.lock:
        if monotonic() >= _kept.until:
            _kept.checks = doctor.examine(_CHECKS).checks
            _kept.until = monotonic() + KEPT_SECONDS
        return _kept.checks
