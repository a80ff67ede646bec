"""What one request, one connection, one visitor and one address may take of the process."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from app.api import bounds
from app.api.bounds import (
    LONGEST_BODY,
    LONGEST_MESSAGE,
    MESSAGES,
    MOST_PAGES,
    MOST_REQUESTS,
    Bounds,
)
from app.api.handshake import visitor_cookie
from app.config import settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Message, Receive, Scope, Send


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Have the limits as they are where nothing is set."""
    monkeypatch.setenv("RATE_LIMITS", "1")
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


async def reads(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, then say how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    said = str(length).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said})


async def never_answers(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.Event().wait()


async def answers_slowly(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.sleep(2 * bounds.ANSWER_SECONDS)
    await send({"type": "http.response.body", "body": b"all"})


def client(app: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=Bounds(app))
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")


async def test_a_body_may_be_as_long_as_ours_are_and_no_longer() -> None:
    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(LONGEST_BODY // 65_536 + 1):
            yield b"x" * 65_536

    async with client(reads) as web:
        assert (await web.post("/", content=b"x" * LONGEST_BODY)).text == str(LONGEST_BODY)
        assert (await web.post("/", content=b"x" * (LONGEST_BODY + 1))).status_code == 413
        # One that does not say how long it will be.
        assert (await web.post("/", content=in_parts())).status_code == 413
        assert (await web.post("/", headers={"Content-Length": "-1"})).status_code == 413


async def test_an_answer_begins_in_time_or_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.02)
    async with client(never_answers) as web:
        answer = await web.get("/")
    assert answer.status_code == 503
    assert "too long" in answer.json()["detail"]

    async with client(answers_slowly) as web:
        assert (await web.get("/")).text == "all"


async def test_a_browser_has_so_many_requests_at_work_and_others_have_theirs() -> None:
    hold, full, at_work = asyncio.Event(), asyncio.Event(), 0

    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal at_work
        at_work += 1
        if at_work > MOST_REQUESTS:
            full.set()
        await hold.wait()
        await reads(scope, receive, send)

    async with client(held) as web:
        eve, ann = ({"Cookie": f"{visitor_cookie()}={name}"} for name in ("eve", "ann"))
        flood = [asyncio.create_task(web.get("/", headers=eve)) for _ in range(3 * MOST_REQUESTS)]
        other = asyncio.create_task(web.get("/", headers=ann))
        await asyncio.wait_for(full.wait(), 60)
        for _ in range(100):
            await asyncio.sleep(0)
        assert at_work == MOST_REQUESTS + 1

        hold.set()
        answers = await asyncio.gather(*flood, other)
    assert {one.status_code for one in answers} == {200}


class Socket:
    """A connection that sends `messages`, and what it is answered."""

    def __init__(self, *messages: dict[str, Any], visitor: str = "") -> None:
        """Be one of `visitor`, "" for a browser without cookies."""
        cookie = [(b"cookie", f"{visitor_cookie()}={visitor}".encode())] if visitor else []
        self.scope = {
            "type": "websocket",
            "path": "/_event",
            "client": ("192.0.2.1", 1),
            "headers": cookie,
        }
        self.messages = [{"type": "websocket.receive", **one} for one in messages]
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """Return the next message, at last the end."""
        return self.messages.pop(0) if self.messages else {"type": "websocket.disconnect"}

    async def send(self, message: Message) -> None:
        """Keep what is answered."""
        self.sent.append(message)


async def listens(_scope: Scope, receive: Receive, _send: Send) -> None:
    while (await receive())["type"] == "websocket.receive":
        pass


@pytest.mark.parametrize(
    ("messages", "is_closed"),
    [
        ([{"text": "x" * LONGEST_MESSAGE}], False),
        ([{"text": "x" * (LONGEST_MESSAGE + 1)}], True),
        ([{"bytes": b"x" * LONGEST_MESSAGE}], False),
        ([{"bytes": b"x" * 1024}] * 129, True),
    ],
)
async def test_a_message_that_is_longer_than_any_ends_the_connection(
    messages: list[dict[str, Any]], *, is_closed: bool
) -> None:
    socket = Socket(*messages)
    await Bounds(listens)(socket.scope, socket.receive, socket.send)

    assert (socket.sent == [{"type": "websocket.close", "code": 1009}]) is is_closed


async def test_who_sends_too_much_is_read_more_slowly_and_nobody_else(
    limited: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    limited.setattr(bounds.asyncio, "sleep", sleep)
    # However long all this takes, hardly any time passes.
    clock = count(start=1.0, step=1e-6)
    limited.setattr(bounds, "monotonic", lambda: next(clock))
    app = Bounds(listens)
    by_hand = Socket(*[{"text": "x"}] * MESSAGES.burst, visitor="ann")
    await app(by_hand.scope, by_hand.receive, by_hand.send)
    assert slept == []

    flood = Socket(*[{"text": "x"}] * (MESSAGES.burst + 30), visitor="eve")
    await app(flood.scope, flood.receive, flood.send)
    # The last of thirty too many waits for as long as thirty may take.
    assert len(slept) == 30
    assert slept[-1] == pytest.approx(1.0, abs=0.01)

    slept.clear()
    other = Socket({"text": "x"}, visitor="ann")
    await app(other.scope, other.receive, other.send)
    assert slept == []


async def test_a_visitor_has_so_many_pages_open_and_an_address_more(
    limited: pytest.MonkeyPatch,
) -> None:
    assert limited
    stays = asyncio.Event()

    async def stay(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await stays.wait()

    app = Bounds(stay)

    async def opened(visitor: str, number: int) -> list[Socket]:
        sockets = [Socket(visitor=visitor) for _ in range(number)]
        tasks.extend(asyncio.create_task(_connect(app, one)) for one in sockets)
        await asyncio.sleep(0)
        return [one for one in sockets if one.sent]

    tasks: list[asyncio.Task[None]] = []
    assert await opened("eve", MOST_PAGES) == []
    (refused,) = await opened("eve", 1)
    assert refused.sent == [{"type": "websocket.close", "code": 1013}]
    assert await opened("ann", MOST_PAGES) == []
    # Without cookies, or with ever new ones, the address counts.
    assert len(await opened("", 4 * MOST_PAGES)) == MOST_PAGES

    stays.set()
    await asyncio.gather(*tasks)
    # All of them have gone: as many may be opened again.
    assert await opened("eve", MOST_PAGES) == []


async def _connect(app: Bounds, socket: Socket) -> None:
    await app(socket.scope, socket.receive, socket.send)
