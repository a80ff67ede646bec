"""A websocket client that no page stands behind: it sends what it likes and keeps all it is sent.

The packets are python-socketio's own. Its client classes want aiohttp or websocket-client, which
nothing else here needs; wsproto, which they would put underneath, comes with Reflex.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode
from uuid import uuid4

from engineio import packet as engine
from socketio import packet as socket
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMESPACE = "/_event"
ROOT = "reflex___state____state"
PATIENCE_SECONDS = 120.0
# What a page is answered that may not: a sentence, a way to sign in, or that it has to start anew.
REFUSAL = re.compile(
    r"cannot be used|does not allow|/auth/login|window\.location\.reload|Too much runs|Too many"
)


class Raw(asyncio.Protocol):
    """One connection under a token of its own choosing."""

    def __init__(self, port: int, *, cookie: str = "", token: str = "") -> None:
        """Connect to the program at `port` with what a Cookie header says."""
        self.heard: list[str] = []
        self.refusals = 0
        self.sent = 0
        self.is_open = False
        self._port = port
        self._cookie = cookie
        self._token = token or str(uuid4())
        self._wire = WSConnection(ConnectionType.CLIENT)
        self._parts: list[str] = []
        self._transport: asyncio.Transport | None = None
        self._changed = asyncio.Event()
        self._closed = asyncio.get_running_loop().create_future()
        # All that the page was told of it, one after the other.
        self._hydrated: list[bool] = []

    async def open(self, path: str = "/") -> Self:
        """Connect and hydrate as the page at `path`. Raises ConnectionRefusedError."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        query = urlencode({"EIO": 4, "transport": "websocket", "token": self._token})
        headers = [(b"Origin", f"http://localhost:{self._port}".encode())]
        if self._cookie:
            headers.append((b"Cookie", self._cookie.encode()))
        host = f"localhost:{self._port}"
        self._put(Request(host=host, target=f"{NAMESPACE}/?{query}", extra_headers=headers))
        await self._until(lambda: self.is_open)
        boot = {"event": event(f"{ROOT}.hydrate_and_load", {"vars": {}}, path)}
        self._packet(socket.CONNECT, boot)
        await self._until(lambda: self._hydrated[-1:] == [True] or self.refusals > 0)
        return self

    async def close(self) -> None:
        """Leave."""
        if self._transport is not None and not self._closed.done():
            self._put(CloseConnection(code=1000))
            self._transport.close()
        await self._closed

    def emit(self, name: str, payload: object, path: str = "/") -> None:
        """Send an event by its full name, from the page at `path`."""
        self.sent += 1
        self.say("event", event(name, payload, path))

    def say(self, kind: str, *arguments: object) -> None:
        """Send a message of any kind."""
        self._packet(socket.EVENT, [kind, *arguments])

    def write(self, text: str) -> None:
        """Send any text."""
        self._put(TextMessage(data=text))

    async def settle(self) -> None:
        """Wait until all that was sent before was dealt with, and what followed from it at once.

        Events of one token run in order, so two that are answered come after it.
        """
        for value in (False, True):
            heard = len(self._hydrated)
            self.say("event", event(f"{ROOT}.set_is_hydrated", {"value": value}, "/"))
            # A page that loads meanwhile may set it again before this is looked at.
            await self._until(
                lambda value=value, heard=heard: (
                    value in self._hydrated[-1:] or value in self._hydrated[heard:]
                )
            )

    async def answered(self) -> None:
        """Wait until something that is sent now was answered, or refused."""
        heard, refusals = len(self._hydrated), self.refusals
        self.say("event", event(f"{ROOT}.set_is_hydrated", {"value": False}, "/"))
        self.say("event", event(f"{ROOT}.set_is_hydrated", {"value": True}, "/"))
        await self._until(lambda: self.refusals > refusals or True in self._hydrated[heard:])

    async def refused(self, times: int) -> None:
        """Wait until so many refusals have come in all."""
        await self._until(lambda: self.refusals >= times)

    async def is_closed(self) -> bool:
        """Wait until the server has closed the connection; tell whether it did."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.shield(self._closed)
        except TimeoutError:
            return False
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection; asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take in what the server has sent; asyncio calls it."""
        self._wire.receive_data(data)
        for one in self._wire.events():
            if isinstance(one, TextMessage):
                self._parts.append(one.data)
                if one.message_finished:
                    self._take("".join(self._parts))
                    self._parts.clear()
            elif isinstance(one, BytesMessage):
                self.heard.append(bytes(one.data).decode("latin-1"))
            elif isinstance(one, Ping):
                self._put(one.response())
            elif isinstance(one, AcceptConnection):
                self.is_open = True
            elif isinstance(one, RejectConnection | CloseConnection) and self._transport:
                self._transport.close()
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end; asyncio calls it."""
        if not self._closed.done():
            self._closed.set_result(exc)
        self._changed.set()

    def _take(self, text: str) -> None:
        if text == str(engine.PING):
            self._put(TextMessage(data=str(engine.PONG)))
            return
        self.heard.append(text)
        self.refusals += len(REFUSAL.findall(text))
        if '"is_hydrated_rx_state_":true' in text.replace(" ", ""):
            self._hydrated.append(True)
        elif '"is_hydrated_rx_state_":false' in text.replace(" ", ""):
            self._hydrated.append(False)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                if self._closed.done():
                    raise ConnectionRefusedError(self.heard[-1:] or "at once")
                self._changed.clear()
                await self._changed.wait()

    def _packet(self, kind: int, data: object) -> None:
        encoded = socket.Packet(kind, data=data, namespace=NAMESPACE).encode()
        self.write(f"{engine.MESSAGE}{encoded}")

    def _put(self, one: Any) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._wire.send(one))


def event(name: str, payload: object, path: str) -> Mapping[str, object]:
    """Return an event as a page sends it."""
    page = {"pathname": path.partition("?")[0], "asPath": path, "query": {}}
    return {"name": name, "payload": payload, "router_data": page}
