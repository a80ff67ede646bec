"""Asking a local server one question over HTTP, without a library and without waiting long."""

from __future__ import annotations

import asyncio
import contextlib

ANSWER_SECONDS = 2.0
MOST_BYTES = 65_536


async def ask(port: int, path: str = "/") -> tuple[int, str] | None:
    """Return status and body of `path` on 127.0.0.1:`port`, None when nobody answers."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(writer):
                question = f"GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"
                writer.write(question.encode())
                answer = (await reader.read(MOST_BYTES)).decode(errors="replace")
                while more := await reader.read(MOST_BYTES):
                    answer += more.decode(errors="replace")
    except (OSError, TimeoutError):
        return None
    head, _, body = answer.partition("\r\n\r\n")
    parts = head.split(" ", 2)
    return (int(parts[1]), body) if len(parts) > 1 and parts[1].isdigit() else None


async def answers(port: int, path: str = "/") -> bool:
    """Return whether any HTTP answer comes from `port`."""
    return await ask(port, path) is not None
