"""A websocket client of the pages' events, as bare as an attacker's: no browser in between."""

from __future__ import annotations

import json
from contextlib import suppress
from http.client import HTTPConnection
from time import monotonic
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import simple_websocket

from app.integrations.ports import Identity
from app.services import accounts
from app.work import within
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

NAMESPACE = "/_event"
ROOT = "reflex___state____state"
PATIENCE_SECONDS = 60.0


def cookie_of(name: str, group: str = "buyer") -> str:
    """Sign somebody in and return the Cookie header of their browser."""
    identity = Identity(
        issuer="https://issuer.example",
        subject=name,
        email=f"{name}@company.example",
        name=name.title(),
        groups=(group,),
        locale="en",
        id_token="an id token",
    )
    opened = within(accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser())
    return f"{accounts.session_cookie()}={opened.token}"


def events_path(token: str) -> str:
    """Return where a page connects to."""
    query = urlencode({"EIO": 4, "transport": "websocket", "token": token})
    return f"{NAMESPACE}/?{query}"


def knock(port: int, origin: str, cookie: str = "") -> int:
    """Ask for a websocket as a page of `origin` would; returns the HTTP status, 101 for yes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(
            "GET",
            events_path("a-token"),
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version": "13",
                "Origin": origin,
                "Cookie": cookie,
            },
        )
        return connection.getresponse().status
    finally:
        connection.close()


class Tab:
    """One connection under a token; Engine.IO 4 and Socket.IO 5 as they are on the wire.

    `state` is what the server has sent so far, by state and var; `told` the events for the
    browser, such as a toast or a new address.
    """

    def __init__(self, port: int, token: str, *, cookie: str = "", path: str = "/nowhere") -> None:
        """Connect from the page at `path`, with what a Cookie header says."""
        headers = [(b"Cookie", cookie.encode())] if cookie else []
        self.state: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self._path = path
        self._sid = ""
        self._socket = simple_websocket.Client(
            f"ws://127.0.0.1:{port}{events_path(token)}", headers=headers
        )

    def __enter__(self) -> Self:
        """Join the events and hydrate, as a page does when it opens."""
        hydrate = self._event(f"{ROOT}.hydrate_and_load", {"vars": {}})
        self._socket.send(f"40{NAMESPACE},{json.dumps({'event': hydrate})}")
        self.until(lambda: self.is_hydrated or bool(self.told))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave; returns when the program knows: until then the token is that of an open page."""
        with suppress(simple_websocket.ConnectionClosed):
            self._socket.close()
        wait_until(lambda: not self._is_known(), "a page that was left is taken for open")

    @property
    def is_hydrated(self) -> bool:
        """Whether the server has sent the state and run what the page loads with."""
        return self.var(ROOT, "is_hydrated") is True

    def var(self, state: str, name: str) -> object:
        """Return what the server last sent of a var, None for nothing."""
        return self.state.get(state, {}).get(f"{name}_rx_state_")

    def send(self, event: str, **payload: object) -> None:
        """Send an event by its full name."""
        body = ["event", self._event(event, payload)]
        self._socket.send(f"42{NAMESPACE},{json.dumps(body)}")

    def go_to(self, path: str) -> None:
        """Send what follows from another page, as after a step inside the program."""
        self._path = path

    def pose_as_connecting(self, *, headers: dict[str, str], token: str) -> None:
        """Send a message that is named and shaped as the server's own note of a new connection."""
        texts = [text.encode() for pair in headers.items() for text in pair]
        places = iter({"_placeholder": True, "num": number} for number in range(len(texts)))
        scope = {"client": ["192.0.2.1", 1], "headers": list(zip(places, places, strict=True))}
        body = ["connect", {"QUERY_STRING": urlencode({"token": token}), "asgi.scope": scope}]
        # Bytes, as headers are: they follow the message that names their places.
        self._socket.send(f"45{len(texts)}-{NAMESPACE},{json.dumps(body)}")
        for text in texts:
            self._socket.send(text)

    def settle(self) -> None:
        """Wait until everything sent before has been dealt with, with what it led to.

        An event that is refused or does nothing is not answered. Events of one token run in order,
        so two that are answered follow; twice, because an event may lead to another.
        """
        for _ in range(2):
            for value in (False, True):
                self.send(f"{ROOT}.set_is_hydrated", value=value)
                self.until(lambda value=value: self.is_hydrated is value)

    def until(self, holds: Callable[[], bool]) -> None:
        """Take in what the server sends until `holds`. Raises TimeoutError."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not holds():
            message = self._socket.receive(timeout=max(deadline - monotonic(), 0))
            if message is None:
                raise TimeoutError(f"{self.state} {self.told}")
            self._take(str(message))

    def _event(self, name: str, payload: dict[str, object]) -> dict[str, object]:
        page = {"pathname": self._path, "query": {}, "asPath": self._path}
        return {"name": name, "payload": payload, "router_data": page}

    def _is_known(self) -> bool:
        from app.app import app  # noqa: PLC0415 - assembled when a page is opened

        return bool(app.event_namespace and self._sid in app.event_namespace.sid_to_token)

    def _take(self, message: str) -> None:
        if message == "2":
            self._socket.send("3")
        if message.startswith(f"40{NAMESPACE},"):
            self._sid = json.loads(message.removeprefix(f"40{NAMESPACE},"))["sid"]
        if not message.startswith(f"42{NAMESPACE},"):
            return
        kind, *rest = json.loads(message.removeprefix(f"42{NAMESPACE},"))
        if kind != "event":
            return
        for state, values in (rest[0].get("delta") or {}).items():
            self.state.setdefault(state, {}).update(values)
        self.told += rest[0].get("events") or []


def words_of(tab: Tab) -> str:
    """Return everything the browser was told to do, as one text."""
    return json.dumps(tab.told)
