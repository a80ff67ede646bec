"""The processes of a running installation, to be held or ended by a test."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site import Site


def pid_of(site: Site, word: str) -> int:
    """Return the process of this installation whose command line contains `word`.

    Of one that has forked, the first; `word` with a port is unmistakable by itself. One that has
    ended a moment ago is waited for: the supervisor starts it again.
    """
    found: list[int] = []

    def is_there() -> bool:
        found[:] = _first_of(site, word)
        return len(found) == 1

    wait_until(is_there, f"one process {word!r} runs")
    return found[0]


def _first_of(site: Site, word: str) -> list[int]:
    """Return the processes that `word` means and whose parent it does not mean."""
    found: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or word not in (command := _read(folder / "cmdline")):
            continue
        if ":" not in word and str(site.folder) not in command + _read(folder / "environ"):
            continue
        # It may have ended since.
        if stat := _read(folder / "stat").rpartition(")")[2].split():
            found[int(folder.name)] = int(stat[1])
    return [pid for pid, parent in found.items() if parent not in found]


def valkey_of(site: Site) -> str:
    """Return what Valkey calls itself: the address it listens on."""
    port = urlsplit(site.running["REDIS_URL"]).port
    return f"valkey-server 127.0.0.1:{port}"


def _read(file: Path) -> str:
    try:
        return file.read_text().replace("\0", " ")
    except OSError:
        return ""


@contextmanager
def held(pid: int) -> Iterator[None]:
    """Stop a process without ending it, and let it go on at the end of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
