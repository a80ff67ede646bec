"""What one request, one connection, one visitor and one network address may take of this process.

Nothing here asks anybody: it holds also while Redis and Postgres are away. A visitor who sends more
than anybody does by hand is read more slowly, which fills their own line and nobody else's; how
often they may do what is counted behind it (`app.integrations.rates`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from app.api.errors import problem
from app.api.handshake import TRY_AGAIN_LATER, visitor_of
from app.config import settings
from app.integrations.rates import Rate, network_of
from app.services.audit import refused

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Forms are short, and what the provider sends of itself is a token.
LONGEST_BODY: Final = 1024 * 1024
# An event's payload of 64 kB (`state.payloads`), and what Reflex says of the page around it.
LONGEST_MESSAGE: Final = 128 * 1024
# Pages send text; parts of what is no text are kept until the last one has come.
MOST_BINARY: Final = LONGEST_MESSAGE
# Until an answer begins; how long it then takes to send is the network's affair.
ANSWER_SECONDS: Final = 30.0
# Messages of one visitor, and open pages of theirs; of one address a multiple.
MESSAGES: Final = Rate(burst=100, per_second=30)
MOST_PAGES: Final = 60
# Requests of one browser that are worked on at once, the others wait; as many as a page makes.
MOST_REQUESTS: Final = 16
VISITORS_OF_AN_ADDRESS: Final = 5
TOO_BIG: Final = 1009
TOO_LONG: Final = "That is too long."

log = logging.getLogger(__name__)


class _TooLongError(Exception):
    """A body is longer than any of ours."""


class _Source:
    """Where messages come from: how many connections it has open, and when its next is due."""

    def __init__(self) -> None:
        """Start with none."""
        self.connections = 0
        self.due = 0.0
        self.turns = asyncio.Semaphore(MOST_REQUESTS)

    def delay(self, rate: Rate, factor: float) -> float:
        """Take one message; return the seconds by which it came before its time."""
        moment = monotonic()
        self.due = max(self.due, moment) + 1 / (rate.per_second * factor)
        return self.due - moment - rate.burst / rate.per_second


class Bounds:
    """ASGI: bounds what each request and each connection takes, and says whose it is."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of `app`."""
        self._app = app
        self._sources: defaultdict[str, _Source] = defaultdict(_Source)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer within the bounds, or refuse."""
        if scope["type"] == "http":
            await self._answer_in_turn(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer_in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a browser, known by its cookies, has only so many requests at work."""
        visitor = visitor_of(HTTPConnection(scope))
        if not visitor:
            await self._answer(scope, receive, send)
            return
        with self._opened({f"requests of {visitor}": 1}) as sources:
            (source,) = sources
            async with source.turns:
                await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            _note_refusal(scope, TOO_LONG)
            await problem(413, TOO_LONG)(scope, receive, send)
            return
        has_begun = False
        try:
            async with asyncio.timeout(ANSWER_SECONDS) as limit:

                async def sending(message: Message) -> None:
                    nonlocal has_begun
                    has_begun = True
                    limit.reschedule(None)
                    await send(message)

                await self._app(scope, _bounded(receive), sending)
        except (TimeoutError, _TooLongError) as cause:
            if has_begun:
                raise
            log.warning("Gave up %s %s: %r", scope["method"], scope["path"], cause)
            if isinstance(cause, _TooLongError):
                _note_refusal(scope, TOO_LONG)
                refusal = problem(413, TOO_LONG)
            else:
                sentence = "That took too long and was stopped. Try again in a moment."
                refusal = problem(503, sentence)
            await refusal(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        address = connection.client.host if connection.client else ""
        visitor = visitor_of(connection)
        shares = {f"address {network_of(address)}": VISITORS_OF_AN_ADDRESS}
        if visitor:
            shares[f"visitor {visitor}"] = 1
        factor = settings().rate_limits
        with self._opened(shares) as sources:
            if factor and any(
                source.connections > MOST_PAGES * share * factor
                for source, share in sources.items()
            ):
                log.warning("Refused a connection of %s: too many are open", address)
                _note_refusal(scope, "Too many pages are open.")
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
                return
            await self._app(scope, _paced(scope, receive, send, sources, factor), send)

    @contextmanager
    def _opened(self, shares: dict[str, int]) -> Generator[dict[_Source, int]]:
        """Count a connection of these sources for as long as the block lasts."""
        sources = {self._sources[name]: share for name, share in shares.items()}
        for source in sources:
            source.connections += 1
        try:
            yield sources
        finally:
            for name in shares:
                self._sources[name].connections -= 1
                if not self._sources[name].connections:
                    del self._sources[name]


def _bounded(receive: Receive) -> Receive:
    """Return `receive`, which raises when a body goes on beyond the longest."""
    read = 0

    async def receiving() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LONGEST_BODY:
            raise _TooLongError
        return message

    return receiving


def _note_refusal(scope: Scope, reason: str) -> None:
    what = f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"
    refused(kind="route", id=what, reason=reason)


def _paced(
    scope: Scope, receive: Receive, send: Send, sources: dict[_Source, int], factor: float
) -> Receive:
    """Return `receive`, which reads no faster than the sources may send and no long message."""
    binary = 0

    async def receiving() -> Message:
        nonlocal binary
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        text, parts = message.get("text") or "", message.get("bytes") or b""
        binary += len(parts)
        if len(text) > LONGEST_MESSAGE or binary > MOST_BINARY:
            log.warning("Closed a connection: a message is too long")
            _note_refusal(scope, TOO_LONG)
            await send({"type": "websocket.close", "code": TOO_BIG})
            return {"type": "websocket.disconnect", "code": TOO_BIG}
        if factor:
            delay = max(
                source.delay(Rate(MESSAGES.burst * share, MESSAGES.per_second * share), factor)
                for source, share in sources.items()
            )
            if delay > 0:
                await asyncio.sleep(delay)
        return message

    return receiving
