"""The development provider, wrong in one thing at a time, and a browser that signs in there."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import uvicorn
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.config import settings
from app.embedded.identity.checks import Client, Grant
from app.embedded.identity.provider import Provider, create_provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from joserfc.jwk import ECKey
    from starlette.requests import Request
    from starlette.types import ASGIApp

CLIENT_ID = "anythingyouwantt"
CLIENT_SECRET = "a secret of the tests"
START_SECONDS = 120
STOP_SECONDS = 120
ANSWER_SECONDS = 60
KEEP_SECONDS = 600
# Bound for as long as this process runs, so that nobody else is given them.
_reserved: list[socket.socket] = []


@dataclass(slots=True)
class TwistedProvider(Provider):
    """Behaves, until a test says which answer to spoil."""

    twist_claims: Callable[[dict[str, Any]], None] | None = None
    twist_answer: Callable[[dict[str, Any]], None] | None = None
    twist_discovery: Callable[[dict[str, Any]], None] | None = None
    signs: Callable[[dict[str, Any]], str] | None = None
    # What userinfo answers, and how often the keys were asked for.
    user_info: dict[str, Any] | bytes | None = None
    keys_read: int = 0
    other_keys: list[dict[str, Any]] = field(default_factory=list)
    # What the token endpoint was last sent.
    sent: Mapping[str, str] = field(default_factory=dict)

    def straighten(self) -> None:
        """Behave again."""
        self.twist_claims = self.twist_answer = self.twist_discovery = self.signs = None
        self.user_info = None
        self.other_keys = []

    def routes(self) -> list[Route]:
        """Return what the provider answers, userinfo too."""
        return [*Provider.routes(self), Route("/userinfo", self.userinfo)]

    async def discovery(self, request: Request) -> Response:
        """Answer the metadata, spoilt."""
        said = json.loads(bytes((await Provider.discovery(self, request)).body))
        if self.user_info is not None:
            said["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        if self.twist_discovery:
            self.twist_discovery(said)
        return JSONResponse(said)

    async def jwks(self, request: Request) -> Response:
        """Answer the keys, and count."""
        self.keys_read += 1
        said = json.loads(bytes((await Provider.jwks(self, request)).body))
        return JSONResponse({"keys": [*self.other_keys, *said["keys"]]})

    async def userinfo(self, request: Request) -> Response:
        """Answer what the test says, to whom brings a token."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return Response(status_code=401)
        said = self.user_info
        return Response(said) if isinstance(said, bytes) else JSONResponse(said)

    def claims(self, grant: Grant) -> dict[str, Any]:
        """Return the claims, spoilt."""
        said = Provider.claims(self, grant)
        if self.twist_claims:
            self.twist_claims(said)
        return said

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign, or let the test do it."""
        return self.signs(claims) if self.signs else Provider.sign(self, claims)

    def token_answer(self, grant: Grant) -> dict[str, Any]:
        """Return the token endpoint's answer, spoilt."""
        said = Provider.token_answer(self, grant)
        if self.twist_answer:
            self.twist_answer(said)
        return said

    async def token(self, request: Request) -> Response:
        """Exchange a code, and remember what was sent for it."""
        async with request.form() as form:
            self.sent = {name: str(value) for name, value in form.items()}
        return await Provider.token(self, request)


@contextmanager
def serving(app: ASGIApp, port: int) -> Iterator[None]:
    """Serve `app` on the loopback address from a thread until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_level="error",
            ws="wsproto",
            # Longer than clients keep one, who may be about to ask: it is theirs to close.
            timeout_keep_alive=KEEP_SECONDS,
        )
    )
    ready = threading.Event()
    startup = server.startup

    async def tell(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = tell
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert ready.wait(START_SECONDS), "the server did not start"
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
    # What goes on would answer, and empty the database, amid the tests that follow.
    assert not thread.is_alive(), "the server did not stop"


def free_port() -> int:
    """Return a port nobody listens on, and that nobody else is given meanwhile."""
    probe = socket.socket()
    # Whoever says so as well, as servers do, may listen there all the same.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _reserved.append(probe)
    return probe.getsockname()[1]


def twisted(port: int, key: ECKey, *, path: str = "") -> TwistedProvider:
    """Return a provider whose one client is the program of the tests; its issuer ends in `path`."""
    home = settings().public_url
    client = Client(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uris=frozenset({f"{home}/auth/callback"}),
        after_sign_out_uris=frozenset({f"{home}/"}),
    )
    return TwistedProvider(issuer=f"http://localhost:{port}{path}", client=client, key=key)


def provider_app(provider: Provider) -> ASGIApp:
    """Return the provider as an application."""
    return create_provider(provider)


@dataclass(slots=True)
class Browser:
    """Keeps cookies and goes where it is sent, one step at a time."""

    web: httpx2.AsyncClient
    outside: httpx2.AsyncClient = field(
        default_factory=lambda: httpx2.AsyncClient(timeout=ANSWER_SECONDS)
    )

    async def begin(self, *, next: str = "/") -> str:  # noqa: A002 - a word of the address
        """Start a sign-in; returns the provider's address."""
        answer = await self.web.get("/auth/login", params={"next": next})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, address: str, **form: str) -> str:
        """Sign in at the provider as `person`, or as described; returns the way back."""
        page = await self.outside.get(address)
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        answer = await self.outside.post(address.partition("?")[0], data={**hidden, **form})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def come_back(self, address: str) -> httpx2.Response:
        """Follow the way back."""
        return await self.web.get(path_of(address))

    async def sign_in(self, *, next: str = "/", **form: str) -> httpx2.Response:  # noqa: A002 - the same
        """Do all of it; returns the last answer."""
        back = await self.choose(await self.begin(next=next), **(form or {"person": "buyer"}))
        return await self.come_back(back)

    async def submit(self, path: str, headers: Mapping[str, str]) -> httpx2.Response:
        """Open the page at `path` and send the form it shows."""
        page = await self.web.get(path)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return await self.web.post(
            path, data=hidden, headers={"Origin": settings().public_url, **headers}
        )

    async def close(self) -> None:
        """End it."""
        await self.web.aclose()
        await self.outside.aclose()


def path_of(address: str) -> str:
    """Return path and query of an address."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def query_of(address: str) -> Mapping[str, str]:
    """Return what an address asks."""
    return dict(parse_qsl(urlsplit(address).query))
