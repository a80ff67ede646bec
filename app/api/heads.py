"""HEAD on the routes that only read: what GET answers, without its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api.errors import FOR_PEOPLE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """ASGI: answers HEAD as GET, except where people sign in: there, GET does things too."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for the whole answer and keep its body back."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head or scope["path"].startswith(FOR_PEOPLE):
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.pathsend":
                # A file that the server would send by itself.
                message = {"type": "http.response.body", "body": b""}
            elif message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_head)
