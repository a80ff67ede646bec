"""Asking the provider over HTTP, and reading no more of an answer than a sign-in can need."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import httpx2

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

TIMEOUT: Final = httpx2.Timeout(5.0, connect=3.0)
MOST_BYTES: Final = 1 << 20
# Compressed answers could unfold to any size, so none is asked for or taken.
PLAIN: Final = {"Accept-Encoding": "identity"}
AWAY: Final = "The sign-in service does not answer. Try again in a moment."

log = logging.getLogger(__name__)


class _BoundedStream(httpx2.AsyncByteStream):
    """The body of an answer, cut off with an error beyond `MOST_BYTES`."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > MOST_BYTES:
                raise httpx2.ReadError(f"the answer is longer than {MOST_BYTES} bytes")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(answer: httpx2.Response) -> None:
    """Refuse an answer that is compressed, and cut off one that goes on and on."""
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("the answer is compressed, which was not asked for")
    if isinstance(answer.stream, httpx2.AsyncByteStream):
        answer.stream = _BoundedStream(answer.stream)


def bounds() -> dict[str, Any]:
    """Return the arguments of a client whose answers are plain, bounded and soon there.

    Anything else raises httpx2.HTTPError.
    """
    return {"timeout": TIMEOUT, "headers": PLAIN, "event_hooks": {"response": [_bound]}}


async def fetch(url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON object at `url`. Raises Unavailable for anything else."""
    try:
        async with httpx2.AsyncClient(**bounds()) as client:
            answer = await client.get(url, headers=headers)
            content = answer.raise_for_status().json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as problem:
        log.warning("The provider did not answer %s: %r", url, problem)
        raise Unavailable(AWAY) from problem
    if not isinstance(content, dict):
        log.warning("The provider answered %s with something else than an object", url)
        raise Unavailable(AWAY)
    return content
