"""What can be wrong with one answer over HTTP, and which of it passes by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from app.integrations.feeds.errors import (
    FeedMalformed,
    FeedMissing,
    FeedRefused,
    FeedUnreachable,
)

TOO_MANY = 429
# Suppliers serve JSON under these names too; everything else has to call itself JSON.
LOOSE_TYPES = frozenset({"", "text/plain", "application/octet-stream"})


class Passing(FeedUnreachable):
    """Worth another try; `after` is how many seconds the supplier asks us to wait."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        """Keep the sentence and the seconds."""
        super().__init__(sentence)
        self.after = after


def name_of(url: httpx.URL) -> str:
    """Return the address without its query, which may hold a key."""
    return str(url.copy_with(query=None, userinfo=b""))


def redirect_target(response: httpx.Response) -> httpx.URL:
    """Return where an answer redirects to; never to another scheme, except to https."""
    try:
        target = response.url.join(response.headers["location"])
    except httpx.InvalidURL:
        raise FeedMalformed(f"{name_of(response.url)} redirects to no address.") from None
    allowed = {"https"} if response.url.scheme == "https" else {"http", "https"}
    if target.scheme not in allowed:
        raise FeedMalformed(
            f"{name_of(response.url)} redirects to {target.scheme}://, which is not followed."
        )
    return target


def refuse(response: httpx.Response, longest_pause: float) -> None:
    """Raise for every answer that is no success."""
    status = response.status_code
    if response.is_success:
        return
    said = f"{name_of(response.url)} answered {status} {response.reason_phrase}".rstrip()
    if status == TOO_MANY or response.is_server_error:
        after = _retry_after(response)
        if after is not None and after > longest_pause:
            raise FeedUnreachable(f"{said} and asks to wait {after:.0f} s.")
        raise Passing(f"{said}.", after)
    if status in {404, 410}:
        raise FeedMissing(f"{said}.")
    hint = "; check the feed's authentication" if status in {401, 403} else ""
    raise FeedRefused(f"{said}{hint}.")


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of the Retry-After header, which may hold a date; None without one."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)


def refuse_type(response: httpx.Response) -> None:
    """Raise for an answer that does not call itself JSON."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in LOOSE_TYPES or kind.endswith(("/json", "+json")):
        return
    what = "a web page" if kind in {"text/html", "application/xhtml+xml"} else kind
    raise FeedMalformed(f"{name_of(response.url)} answered with {what} instead of JSON.")


def parsed(body: bytes, url: httpx.URL) -> Any:  # noqa: ANN401 - any JSON
    """Return a body read as JSON. NaN and Infinity, which some systems write, become texts."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        what = f"{name_of(url)} answered what is not JSON: {problem.msg}."
    try:
        return orjson.loads(orjson.dumps(json.loads(body, parse_constant=str)))
    except (ValueError, TypeError, RecursionError):
        raise FeedMalformed(what) from None
