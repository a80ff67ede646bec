"""A line of the log says which doing it belongs to."""

from __future__ import annotations

import json
import logging
from contextvars import copy_context

from app.acting import UNKNOWN, ActorKind, _actor, acts  # pyright: ignore[reportPrivateUsage] - set back to nobody
from app.telemetry import JsonFormatter


def line() -> dict[str, object]:
    record = logging.LogRecord("a", logging.INFO, "", 1, "Said", (), None)
    return json.loads(JsonFormatter().format(record))


def test_a_line_carries_the_trace_of_who_acts() -> None:
    acts(kind=ActorKind.NOBODY, trace_id="cafe")
    assert line()["trace"] == "cafe"


def test_without_anybody_there_is_no_trace() -> None:
    def said() -> dict[str, object]:
        _actor.set(UNKNOWN)
        return line()

    assert "trace" not in copy_context().run(said)
