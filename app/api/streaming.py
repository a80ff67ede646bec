"""Answers that are made piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Receive, Scope, Send


class PiecesResponse(StreamingResponse):
    """Sends pieces as they are made, and ends the making when whoever asked has left.

    Starlette lets go of them only. What they hold, such as a connection to the bucket, would stay
    open until Python happens to look for circles of objects.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        status_code: int = 200,
        *,
        headers: dict[str, str],
        media_type: str,
    ) -> None:
        """Answer with `pieces`."""
        super().__init__(pieces, status_code, headers, media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            # No thread makes a piece any more: Starlette waits for it also where it is cancelled.
            close: Callable[[], None] | None = getattr(self._pieces, "close", None)
            if close is not None:
                close()
