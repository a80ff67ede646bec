"""A near-empty Reflex program, built and served as ours is: the floor of everything in a browser.

Its sources are in `bench/bare`. It is built once per port and version of Reflex (the port ends up
in the pages), which takes half a minute the first time, and kept in `bench/.data/bare`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from app.config import PROJECT_ROOT
from app.embedded.child import base_environment, die_with_parent
from app.embedded.pages import copy_pages, export_command, front_end_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "bare"
KEPT = HERE / ".data" / "bare"
# The same packages in the same versions as our own pages are built from.
LOCK = PROJECT_ROOT / "reflex.lock"
# Beside the port of the bench itself, so that two people can measure on one machine.
ABOVE_BENCH_PORT = 100
START_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.05


@contextmanager
def bare_reflex(port: int | None = None) -> Iterator[str]:
    """Serve the bare program in one process until the block ends; yields its address.

    Pages: `/` (button `#click`, figure `#clicks`, input `#type`, text `#typed`, link `#open`),
    `/opened` (figure `#opened`, raised by its `on_load`) and `/held` (figure `#clicks`).
    """
    with bare_process(port) as (url, _):
        yield url


@contextmanager
def bare_process(port: int | None = None) -> Iterator[tuple[str, int]]:
    """Do as `bare_reflex` does; yields the address and the id of the server's first process.

    What serves is that process's only child. Raises RuntimeError where it does not come up.
    """
    port = port or int(os.environ.get("BENCH_PORT", "8790")) + ABOVE_BENCH_PORT
    pages = _built(port)
    parent = os.getpid()
    with TemporaryDirectory() as states:
        process = subprocess.Popen(
            [sys.executable, "serve.py"],
            cwd=SOURCES,
            env=_environment(
                port, REFLEX_WEB_WORKDIR=str(pages), REFLEX_STATES_WORKDIR=f"{states}/states"
            ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 - nothing else runs yet
        )
        try:
            url = f"http://localhost:{port}"
            _wait_for(url, process)
            yield url, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _environment(port: int, **more: str) -> dict[str, str]:
    """Return the environment of the bare program: one port, and our sources within reach."""
    return base_environment(BARE_PORT=str(port), PYTHONPATH=str(PROJECT_ROOT), **more)


def _built(port: int) -> Path:
    """Return where the built pages for `port` lie, building them where they are missing."""
    digest = hashlib.sha256(f"{version('reflex')}:{port}".encode())
    for file in (*sorted(SOURCES.rglob("*.py")), *sorted(LOCK.iterdir())):
        digest.update(file.read_bytes())
    target = KEPT / digest.hexdigest()[:16]
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "routes.json").exists():
            _build(target, port)
    return target


def _build(target: Path, port: int) -> None:
    """Build in a copy of the sources: Reflex writes beside them, and its packages stay there."""
    workshop = KEPT / "workshop"
    shutil.copytree(SOURCES, workshop, dirs_exist_ok=True)
    # Anew each time: a build adds to it what it has installed.
    shutil.rmtree(workshop / LOCK.name, ignore_errors=True)
    shutil.copytree(LOCK, workshop / LOCK.name)
    made = subprocess.run(
        export_command(),
        cwd=workshop,
        env=front_end_environment(_environment(port)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise RuntimeError(f"The bare pages could not be built:\n{made.stdout}")
    copy_pages(target, workshop=workshop / ".web")


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the page is served. Raises RuntimeError when that takes too long."""
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url):  # noqa: S310 - our own address
                return
        except (URLError, ConnectionError):
            sleep(POLL_SECONDS)
    raise RuntimeError("The bare program did not come up.")
