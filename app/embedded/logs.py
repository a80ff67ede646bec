"""Output of the child processes: kept in rotated files; problems are found for the terminal."""

from __future__ import annotations

import json
import logging
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 5 * 1024 * 1024
KEPT_FILES: Final = 3
SHOWN_LENGTH: Final = 300


class _Rotating(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - overrides logging
        """Lose the line: a full disk must not stop the process that writes it."""


class LogFile:
    """The log of one process: `path`, `path.1` … up to three older ones, 5 MB each."""

    def __init__(self, path: Path) -> None:
        """Open (or continue) the file at the first line."""
        self.path = path
        self._handler = _Rotating(
            path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )

    def write(self, line: str) -> None:
        """Add one line."""
        self._handler.emit(logging.LogRecord("", logging.INFO, "", 0, line, None, None))

    def close(self) -> None:
        """Close the file."""
        self._handler.close()


def problem_in(line: str) -> str | None:
    """Return what a person should see of a line that reports an error, None for other lines.

    Our own processes write JSON with a level; Postgres marks what stops it.
    """
    if line.startswith("{"):
        try:
            record = json.loads(line)
        except ValueError:
            return None
        if record.get("level") in {"error", "critical"}:
            return f"{record.get('logger')}: {record.get('message')}"[:SHOWN_LENGTH]
        return None
    return line[:SHOWN_LENGTH] if " PANIC: " in line else None
