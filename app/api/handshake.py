"""Who opens a websocket. It is settled here, before Reflex hears of the connection.

A page's state is kept under a token that the page itself chooses, and whoever presents that token
is given the state. So the token is not passed on as it came: it becomes a digest of the token and
of the cookie's session (or, for somebody who is not signed in, of a cookie of this browser). The
same token from anybody else is the name of another, empty state, and the state a person leaves
behind at sign-out can be reached by nobody.

Reflex keeps the handshake's headers in that state. The session's secret must not lie there, so the
Cookie header is replaced by the session's id, or by a digest that tells visitors apart, which are
worth nothing outside: this is the only place that can set them. Every event then checks that the
session of this id still runs.

A websocket cannot set a cookie. So when somebody's rights have changed, the session gets a new
token with the next page that is asked for; its id stays. Their pages begin with an empty state:
what they were shown before is not theirs to see any more, or it is shown anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection

from app.config import settings
from app.errors import Unavailable
from app.services import accounts
from app.work import within

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.views.accounts import Viewer

EVENTS_PATH: Final = "/_event"
TRY_AGAIN_LATER: Final = 1013

log = logging.getLogger(__name__)


class Handshake:
    """ASGI: tells each websocket of the pages apart by person, and hides the cookie from it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Settle who opens the connection; everything else passes as it is."""
        if scope["type"] == "websocket" and scope["path"].startswith(EVENTS_PATH):
            await self._open(scope, receive, send)
        elif scope["type"] == "http" and _asks_for_page(scope):
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a page, and give the browser the cookies that it lacks."""
        cookies = Headers(scope=scope).get("cookie", "")
        given: list[str] = []
        if not accounts.cookie_in(cookies, visitor_cookie()):
            given.append(f"{visitor_cookie()}={secrets.token_urlsafe(32)}")
        if rotated := await _rotated(accounts.cookie_in(cookies, accounts.session_cookie())):
            value = f"{accounts.session_cookie()}={rotated.token}"
            given.append(f"{value}; Max-Age={rotated.max_age}")
        if given:
            scope, send = _with_cookies(scope, given), _setting(given, send)
        await self._app(scope, receive, send)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookies = Headers(scope=scope).get("cookie", "")
        token = accounts.cookie_in(cookies, accounts.session_cookie())
        try:
            person = await asyncio.to_thread(within, accounts.who_is_asking, token=token)
        except Unavailable as problem:
            # Nobody can be told apart: the page tries again by itself.
            log.warning("Could not tell who opens a page: %s", problem.sentence)
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        # A browser that keeps no cookie gets a state for this connection alone.
        visitor = accounts.cookie_in(cookies, visitor_cookie()) or secrets.token_urlsafe(32)
        if person:
            rights = f"{accounts.RIGHTS_VERSION}={person.rights_version}"
            told = f"{accounts.SESSION_ID}={person.session_id}; {rights}"
            owner = session_owner(person)
        else:
            told = f"{accounts.VISITOR_ID}={hashlib.sha256(visitor.encode()).hexdigest()}"
            owner = f"visitor {visitor}"
        await self._app(_told(scope, told, owner=owner), receive, send)


def visitor_of(connection: HTTPConnection) -> str:
    """Return what tells this browser and sign-in from all others, "" for one without cookies.

    It is a digest of the cookie of the sign-in, else of the browser.
    """
    cookies = connection.cookies
    cookie = cookies.get(accounts.session_cookie()) or cookies.get(visitor_cookie())
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


def visitor_cookie() -> str:
    """Return the name of the cookie that tells browsers apart in which nobody is signed in."""
    given = settings()
    return "__Host-visitor" if given.is_secure else f"visitor-{given.app_port}"


def session_owner(person: Viewer) -> str:
    """Return whose state it is that the pages of a session have while its person has these rights.

    What was shown to somebody who may see less by now stays behind with the rights they had.
    """
    return f"session {person.session_id} {person.rights_version}"


def state_token(owner: str, chosen: str) -> str:
    """Return under which token the state is kept that `owner`'s page calls `chosen`."""
    return str(UUID(bytes=hashlib.sha256(f"{owner}\n{chosen}".encode()).digest()[:16]))


def _told(scope: Scope, told: str, *, owner: str) -> MutableMapping[str, Any]:
    """Return `scope` with the owner's token and, in place of the cookies, what is `told`."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    chosen = next((value for name, value in query if name == "token"), None)
    rest = [(name, value) for name, value in query if name != "token"]
    if chosen is not None:
        rest.append(("token", state_token(owner, chosen)))
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    headers.append((b"cookie", told.encode()))
    return {**scope, "query_string": urlencode(rest).encode(), "headers": headers}


async def _rotated(token: str) -> accounts.SignedIn | None:
    """Return the session's new token where it is due for one, None for anything else."""
    if not token:
        return None
    try:
        return await asyncio.to_thread(within, accounts.rotate, token=token)
    except Unavailable as problem:
        log.warning("Could not tell whether a cookie has to change: %s", problem.sentence)
        return None


def _asks_for_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _with_cookies(scope: Scope, given: list[str]) -> MutableMapping[str, Any]:
    """Return `scope` as if the browser had these cookies already: forms are tied to them."""
    values = [cookie.partition(";")[0] for cookie in given]
    names = {value.partition("=")[0] for value in values}
    had = Headers(scope=scope).get("cookie", "").split(";")
    kept = [part.strip() for part in had if part.strip().partition("=")[0] not in {"", *names}]
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    return {
        **scope,
        "headers": [*headers, (b"cookie", "; ".join([*kept, *values]).encode("latin-1"))],
    }


def _setting(given: list[str], send: Send) -> Send:
    """Return `send`, which gives the browser its cookies with the page, before its websocket.

    The page itself has the last word about a cookie: it may have signed in or out.
    """
    flags = f"; Path=/; HttpOnly; SameSite=Lax{'; Secure' if settings().is_secure else ''}"

    async def send_with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            settled = {one.partition("=")[0] for one in headers.getlist("set-cookie")}
            for cookie in given:
                if cookie.partition("=")[0] not in settled:
                    headers.append("set-cookie", f"{cookie}{flags}")
            if "no-store" not in headers.get("cache-control", ""):
                # Whatever it is: no cache in between may hand this cookie to others.
                headers["cache-control"] = "private, no-cache"
        await send(message)

    return send_with_cookies
