"""Starting the whole program a second time, until `/ready` says that it can be used.

The floor beside it is what no start can go without here: a process that has imported and put
together the pages, and answers; measured with the same command that serves them, over the same
services, which are left running for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from app.config import PROJECT_ROOT
from app.embedded.ports import free_port
from bench.row import Row, compared
from tests.running import clean_environment, started

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS = 3
GOAL_SECONDS = 15.0
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 120.0
STOP_SECONDS = 30.0
SUMMARY = "AnythingYouWantt runs"


def rows(size: int) -> list[Row]:  # noqa: ARG001 - what is synced already is not synced again
    """Return how long the starts after the first take, in seconds."""
    with TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", free_port()
        # The first start builds the pages, makes the database and syncs the demo feeds.
        with started(data, "up", f"--port={port}", until=SUMMARY, environment={"APP_ENV": "local"}):
            floor = median(_web_by_itself(data) for _ in range(STARTS))
        ours = median(_start(data, port) for _ in range(STARTS))
    return [
        compared(
            "start after the first, until ready",
            0,
            ours,
            floor,
            "s",
            goal=f"under {GOAL_SECONDS:.0f} s",
            met=ours < GOAL_SECONDS,
        )
    ]


def _start(data: Path, port: int) -> float:
    """Start everything as a person does, through make; return the seconds until it is ready."""
    command = ("make", "-s", "up")
    return _until_answers(command, f"http://localhost:{port}/ready", port, data)


def _web_by_itself(data: Path) -> float:
    """Serve the built pages once more beside what runs; return the seconds until they answer."""
    port = free_port()
    (pages,) = (data / "web").iterdir()
    return _until_answers(
        (sys.executable, "-m", "app.serve"),
        f"http://localhost:{port}/health",
        port,
        data,
        REFLEX_WEB_WORKDIR=str(pages),
        REFLEX_STATES_WORKDIR=str(data / "bench-states"),
    )


def _until_answers(command: tuple[str, ...], url: str, port: int, data: Path, **more: str) -> float:
    """Run `command` until `url` answers, stop it; return the seconds between."""
    environment = clean_environment(APP_ENV="local", APP_PORT=str(port), DATA_DIR=str(data), **more)
    began = monotonic()
    with _running(command, environment) as process:
        while not _answers(url):
            if process.poll() is not None or monotonic() - began > PATIENCE_SECONDS:
                raise RuntimeError(f"{' '.join(command)} did not come up.")
            sleep(POLL_SECONDS)
        return monotonic() - began


@contextmanager
def _running(
    command: tuple[str, ...], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` in a group of its own, and end that with the block."""
    process = subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # Ctrl-C reaches everyone of a group; make waits for the program to end.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urlopen(url):  # noqa: S310 - our own address
            return True
    except (URLError, ConnectionError):
        return False
