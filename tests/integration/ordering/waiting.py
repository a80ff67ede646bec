"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_SECONDS = 60.0


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Wait for a condition, and fail with `what` where it does not come true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited in vain: {what}")
        threading.Event().wait(0.02)
