"""Ports of the embedded services: chosen once per installation and remembered."""

from __future__ import annotations

import json
import random
import socket
from typing import TYPE_CHECKING, Final

from app.embedded.folder import write_private
from app.errors import Misconfigured

if TYPE_CHECKING:
    from app.embedded.folder import DataFolder

# Below the range the system hands to outgoing connections, which would otherwise be found in a
# remembered port; the bucket also uses each of its ports + 10000, which stays below it too.
FIRST: Final = 15_000
LAST: Final = 22_000
BUCKET_OFFSET: Final = 10_000
# For others, below those: what is free now is listened to later, when the services of some
# installation may have chosen theirs.
PASSING_FIRST: Final = 12_000

NAMES: Final = (
    "postgres",
    "valkey",
    "bucket_s3",
    "bucket_master",
    "bucket_volume",
    "bucket_filer",
    "bucket_admin",
    "identity",
    "demo_supplier",
)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _usable(name: str, port: int) -> bool:
    return is_free(port) and (not name.startswith("bucket_") or is_free(port + BUCKET_OFFSET))


def remembered_ports(folder: DataFolder) -> dict[str, int]:
    """Return a free port per embedded service: the one of the last start where it is still free."""
    file = folder.path / "ports.json"
    known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    chosen: dict[str, int] = {}
    for name in NAMES:
        port = known.get(name)
        if port is None or port in chosen.values() or not _usable(name, port):
            port = _choose(name, {*chosen.values(), *known.values()})
        chosen[name] = port
    if chosen != known:
        write_private(file, json.dumps(chosen, indent=1))
    return chosen


def _choose(name: str, used: set[int], first: int = FIRST, last: int = LAST) -> int:
    start = random.randrange(first, last)
    for step in range(last - first):
        port = first + (start - first + step) % (last - first)
        if port not in used and _usable(name, port):
            return port
    raise Misconfigured(f"No port between {first} and {last} is free on this machine.")


def free_port() -> int:
    """Return a port that is free now, for a test or a passing server."""
    return _choose("", set(), PASSING_FIRST, FIRST)
