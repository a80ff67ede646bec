"""An open page without its browser: the websocket of a tab, spoken as a browser speaks it.

Lean, so that one process holds hundreds beside the program they are a load for: what the server
sends is searched for the words somebody waits for, and then forgotten.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    Request,
    TextMessage,
)

NAMESPACE = "/_event"
ROOT = "reflex___state____state"
# What Chromium says of itself; Reflex keeps these headers with the state of the page.
BROWSER = (
    (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0"),
    (b"Accept-Encoding", b"gzip, deflate, br, zstd"),
    (b"Accept-Language", b"en-GB,en;q=0.9"),
    (b"Cache-Control", b"no-cache"),
    (b"Pragma", b"no-cache"),
)
PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class _Wait:
    """Somebody who waits until all of `words` were sent, in whichever messages."""

    words: set[str]
    heard: asyncio.Future[float]


class OpenTab(asyncio.Protocol):
    """One connection under a token of its own; Engine.IO 4 and Socket.IO 5 on the wire."""

    def __init__(self, path: str, *, cookie: str = "", origin: str = "") -> None:
        """Be the page at `path` in a browser with these cookies, of `origin` or the same port."""
        self.path = path
        self.cookie = cookie
        self.origin = origin
        self._page = {"pathname": path, "asPath": path, "query": {}}
        self._wire = WSConnection(ConnectionType.CLIENT)
        self._text: list[str] = []
        self._waits: list[_Wait] = []
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.get_running_loop().create_future()

    async def open(self, port: int, *words: str) -> None:
        """Connect, hydrate and load; return when all of `words` were sent. Raises TimeoutError."""
        loaded = self._expect(*words)
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        query = urlencode({"EIO": 4, "transport": "websocket", "token": str(uuid4())})
        headers = [*BROWSER, (b"Origin", (self.origin or f"http://localhost:{port}").encode())]
        if self.cookie:
            headers.append((b"Cookie", self.cookie.encode()))
        target = f"{NAMESPACE}/?{query}"
        self._send(Request(host=f"localhost:{port}", target=target, extra_headers=headers))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await loaded

    async def close(self) -> None:
        """Leave, as a tab that is closed."""
        if self._transport is not None and not self._closed.done():
            self._send(CloseConnection(code=1001))
            self._transport.close()
        await self._closed

    def send(self, event: str, **payload: object) -> None:
        """Send an event by its full name."""
        body = json.dumps(["event", self._event(event, payload)])
        self._send(TextMessage(data=f"42{NAMESPACE},{body}"))

    async def hears(self, *words: str) -> float:
        """Return the moment (`perf_counter`) at which the last of `words` came."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._expect(*words)

    async def answer(self, words: str, event: str, **payload: object) -> float:
        """Send an event; return the seconds until `words` came."""
        heard = self._expect(words)
        sent = perf_counter()
        self.send(event, **payload)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await heard - sent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection; asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take in what the server has sent; asyncio calls it."""
        self._wire.receive_data(data)
        for event in self._wire.events():
            if isinstance(event, TextMessage):
                self._text.append(event.data)
                if event.message_finished:
                    text = "".join(self._text)
                    self._text.clear()
                    self._take(text)
            elif isinstance(event, AcceptConnection):
                boot = self._event(f"{ROOT}.hydrate_and_load", {"vars": {}})
                self._send(TextMessage(data=f"40{NAMESPACE},{json.dumps({'event': boot})}"))
            elif isinstance(event, Ping):
                self._send(event.response())

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end; asyncio calls it."""
        if not self._closed.done():
            self._closed.set_result(None)
        for wait in self._waits:
            if not wait.heard.done():
                wait.heard.set_exception(ConnectionError(f"{self.path} was cut off: {exc}"))

    def _expect(self, *words: str) -> asyncio.Future[float]:
        wait = _Wait(set(words), asyncio.get_running_loop().create_future())
        self._waits.append(wait)
        return wait.heard

    def _take(self, text: str) -> None:
        if text == "2":
            self._send(TextMessage(data="3"))
            return
        for wait in self._waits:
            wait.words -= {word for word in wait.words if word in text}
            if not wait.words and not wait.heard.done():
                wait.heard.set_result(perf_counter())
        self._waits = [wait for wait in self._waits if not wait.heard.done()]

    def _event(self, name: str, payload: dict[str, object]) -> dict[str, object]:
        return {"name": name, "payload": payload, "router_data": self._page}

    def _send(self, event: Any) -> None:  # noqa: ANN401 - any event of wsproto
        if self._transport is None:
            raise ConnectionError(f"{self.path} is not open.")
        self._transport.write(self._wire.send(event))
