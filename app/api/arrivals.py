"""Where a request comes from, said before anything looks at it: the outermost door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from app.acting import ActorKind, acts
from app.config import settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Arrivals:
    """ASGI: finds the network address, and lets nobody in particular act until more is known.

    So that whoever is refused further in stands in the audit with their address.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what came, with the address that it came from."""
        if scope["type"] in {"http", "websocket"}:
            address = _address(scope)
            acts(kind=ActorKind.NOBODY, address=address)
            scope = {**scope, "client": (address, 0)}
        await self._app(scope, receive, send)


def _address(scope: Scope) -> str:
    """Return the address that the outermost trusted proxy was asked from, else the connection's."""
    client = scope.get("client")
    proxies = settings().trusted_proxies
    asked = Headers(scope=scope).getlist("x-forwarded-for") if proxies else []
    addresses = [part.strip() for one in asked for part in one.split(",") if part.strip()]
    if proxies and len(addresses) >= proxies:
        return addresses[-proxies]
    return client[0] if client else ""
