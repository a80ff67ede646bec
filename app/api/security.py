"""What every answer of the web carries, and whom a changing request may come from."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from app.api.errors import problem
from app.api.map_sources import MAPS
from app.api.origins import READING, form_targets, is_of_our_pages, is_same_origin
from app.config import settings
from app.services.audit import refused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

YEAR_SECONDS: Final = 31_536_000
# What the build makes is named after its content: another content has another name.
BUILT: Final = "/assets/"
OF_BUILT: Final = {
    "Cache-Control": f"public, max-age={YEAR_SECONDS}, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KEPT: Final = frozenset({200, 206, 304})
INLINE_SCRIPT: Final = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: it would take the Origin away from our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For what is not a page (JSON, pictures, scripts): should a browser ever show it as one.
ELSEWHERE: Final = "This request did not come from one of our own pages."
NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"

log = logging.getLogger(__name__)


class Security:
    """ASGI: security headers on every answer, and no change on behalf of another site."""

    def __init__(self, app: ASGIApp, *, pages: Path) -> None:
        """Stand in front of `app`, whose prerendered pages lie in the folder `pages`."""
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse what another site made the browser send."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket" and not is_of_our_pages(HTTPConnection(scope)):
            _note_refusal(HTTPConnection(scope), "WEBSOCKET")
            await send({"type": "websocket.close"})
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_for_all = message["status"] in KEPT and "set-cookie" not in headers
                if scope["path"].startswith(BUILT) and is_for_all:
                    # Part of a page, never one: the headers of a page would be half its weight.
                    headers.update(OF_BUILT)
                else:
                    self._add_headers(headers)
            await send(message)

        connection = HTTPConnection(scope)
        if scope["method"] not in READING and not is_same_origin(connection):
            _note_refusal(connection, scope["method"])
            refusal = problem(403, ELSEWHERE)
            await refusal(scope, receive, send_safely)
            return
        await self._app(scope, receive, send_safely)

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in EVERYWHERE.items():
            headers.setdefault(name, value)
        if settings().is_secure:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_SECONDS}")
        if headers.get("content-type", "").startswith("text/html"):
            # A page names the scripts of its build, and may carry a cookie.
            headers.setdefault("Cache-Control", "private, no-cache")
            headers.setdefault("Content-Security-Policy", self._page_policy)
        elif "content-type" in headers:
            # A file of ours under a lasting name may change with the next version.
            if "etag" in headers:
                headers.setdefault("Cache-Control", "no-cache")
            headers.setdefault("Content-Security-Policy", NOTHING)

    @cached_property
    def _page_policy(self) -> str:
        """The policy of the prerendered pages, whose inline scripts it knows one by one.

        Styles may be inline: React writes the measures of a chart or a progress bar so. `eval` is
        how Reflex runs what the server sends over the websocket, such as a toast; what an attacker
        could slip into a page is never run, for it is neither ours nor in this list.
        """
        sources = {
            "default-src": "'none'",
            "script-src": f"'self' 'unsafe-eval' {' '.join(inline_script_sources(self._pages))}",
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data: blob:",
            "font-src": "'self' data:",
            "connect-src": f"'self' {' '.join(sorted(_websockets()))}",
            "manifest-src": "'self'",
            "frame-src": "'self'",
            "worker-src": "'self'",
            "object-src": "'none'",
            "base-uri": "'self'",
            "form-action": form_targets(),
            "frame-ancestors": "'none'",
        }
        if settings().google_maps_api_key:
            sources = {name: f"{value} {MAPS.get(name, '')}" for name, value in sources.items()}
        return "; ".join(f"{name} {value}".strip() for name, value in sources.items())


def _note_refusal(connection: HTTPConnection, method: str) -> None:
    path, origin = connection.url.path, connection.headers.get("origin", "nowhere")
    log.warning("Refused %s %s: sent from %s", method, path, origin)
    refused(kind="route", id=f"{method} {path}", reason=f"{ELSEWHERE} From: {origin}")


def inline_script_sources(pages: Path) -> list[str]:
    """Return the hash of every inline script in the pages under `pages`, as policy sources."""
    found = {
        script
        for page in pages.rglob("*.html")
        for script in INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))
    }
    digests = (hashlib.sha256(script.encode()).digest() for script in found)
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _websockets() -> set[str]:
    """Return the origins of our websocket, which not every browser counts as 'self'."""
    return {origin.replace("http", "ws", 1) for origin in settings().origins}
