"""The neighbours' fixture that a worker is run in this process with, and leaves nothing behind."""

from __future__ import annotations

from tests.integration.ordering.conftest import queues

__all__ = ["queues"]
