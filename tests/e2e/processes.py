"""The processes of a running installation, to be held or ended by a test."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site import Site


def pid_of(site: Site, word: str) -> int:
    """Return the process of this installation whose command line contains `word`.

    Of one that has forked, the first; `word` with a port is unmistakable by itself.
    """
    found = {
        int(folder.name): int(_read(folder / "stat").rpartition(")")[2].split()[1])
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
        and word in (command := _read(folder / "cmdline"))
        and (":" in word or str(site.folder) in command + _read(folder / "environ"))
    }
    (first,) = (pid for pid, parent in found.items() if parent not in found)
    return first


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
