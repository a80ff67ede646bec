"""Asking a supplier's system over HTTP: patient with what passes, strict with what comes back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ssl import SSLContext
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from app.integrations.feeds.answers import (
    Passing,
    name_of,
    parsed,
    redirect_target,
    refuse,
    refuse_type,
)
from app.integrations.feeds.errors import FeedMalformed, FeedRefused

if TYPE_CHECKING:
    from types import TracebackType

AGENT = "AnythingYouWantt/1 (product feed reader)"


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient and how trusting a reader is. Seconds and bytes.

    `total` bounds one answer from the first byte asked to the last byte read; `body` bounds it
    after decompression; `pages` bounds one listing; `in_flight` how many pages are asked at once.
    """

    connect: float = 5.0
    read: float = 30.0
    total: float = 120.0
    body: int = 256 * 1024 * 1024
    attempts: int = 5
    first_pause: float = 0.5
    longest_pause: float = 60.0
    redirects: int = 3
    pages: int = 200_000
    in_flight: int = 4
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Access:
    """What opens a feed: headers for its own origin only, or a user and password."""

    headers: tuple[tuple[str, str], ...] = ()
    basic: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read as JSON; `link_next` is the address its Link header names, if any."""

    content: Any
    url: httpx.URL
    link_next: str | None


class FeedClient:
    """A connection to one supplier's system; may be used by several threads.

    Args:
        url: Address of the feed. What opens it is sent to this origin and to no other.
        access: What opens it.
        limits: Time-outs, sizes and retries.
    """

    def __init__(self, url: str, access: Access, limits: Limits) -> None:
        """Prepare; nothing is asked yet."""
        self.url = httpx.URL(url)
        if self.url.scheme not in {"http", "https"} or not self.url.host:
            raise FeedRefused(f"The address {url} does not begin with http:// or https://.")
        self.limits = limits
        self._headers = dict(access.headers)
        self._basic = httpx.BasicAuth(*access.basic) if access.basic else None
        self._clients: dict[str, httpx.Client] = {}
        self._connecting = Lock()

    def __enter__(self) -> Self:
        """Use the client until the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its connections."""
        for client in self._clients.values():
            client.close()

    def _client(self, scheme: str) -> httpx.Client:
        """Return the client of a scheme; reading the certificates takes 30 ms, http needs none."""
        with self._connecting:
            if scheme not in self._clients:
                self._clients[scheme] = httpx.Client(
                    timeout=httpx.Timeout(self.limits.read, connect=self.limits.connect),
                    headers={"User-Agent": AGENT, "Accept": "application/json"},
                    follow_redirects=False,
                    limits=httpx.Limits(max_connections=self.limits.in_flight),
                    verify=_certificates() if scheme == "https" else False,
                )
            return self._clients[scheme]

    def is_own(self, url: httpx.URL) -> bool:
        """Tell whether `url` lies at the feed's own origin."""
        return (url.scheme, url.host, url.port) == (self.url.scheme, self.url.host, self.url.port)

    def get(self, url: httpx.URL) -> Answer:
        """Ask for `url` and read the answer as JSON.

        Raises FeedUnreachable after the last try, FeedRefused for a 4xx, FeedMalformed for what
        is not JSON, too large, or redirected to where we do not follow.
        """
        retrying = Retrying(
            stop=stop_after_attempt(self.limits.attempts),
            retry=retry_if_exception_type(Passing),
            wait=self._pause,
            sleep=self.limits.sleep,
            reraise=True,
        )
        return retrying(self._follow, url)

    def _pause(self, state: RetryCallState) -> float:
        """Return the seconds before the next try: as asked by the supplier, else doubling."""
        problem = state.outcome.exception() if state.outcome else None
        if isinstance(problem, Passing) and problem.after is not None:
            return problem.after
        full = self.limits.first_pause * 2 ** (state.attempt_number - 1)
        return min(full, self.limits.longest_pause) * random.uniform(0.5, 1.0)

    def _follow(self, url: httpx.URL) -> Answer:
        for _ in range(self.limits.redirects + 1):
            try:
                answer = self._once(url)
            except httpx.TimeoutException:
                raise Passing(f"{name_of(url)} did not answer in time.") from None
            except httpx.TransportError as problem:
                said = str(problem) or type(problem).__name__
                raise Passing(f"{name_of(url)} could not be reached: {said}.") from None
            except httpx.HTTPError as problem:
                raise FeedMalformed(
                    f"{name_of(url)} answered what is not HTTP: {problem}."
                ) from None
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise FeedMalformed(f"{name_of(url)} redirects more than {self.limits.redirects} times.")

    def _once(self, url: httpx.URL) -> Answer | httpx.URL:
        """Return the answer, or where it redirects to."""
        own = self.is_own(url)
        began = time.monotonic()
        with self._client(url.scheme).stream(
            "GET",
            url,
            headers=self._headers if own else None,
            auth=self._basic if own else None,
        ) as response:
            if response.is_redirect:
                return redirect_target(response)
            refuse(response, self.limits.longest_pause)
            refuse_type(response)
            body = self._body(response, began)
        following = response.links.get("next", {}).get("url")
        return Answer(parsed(body, url), response.url, following)

    def _body(self, response: httpx.Response, began: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self.limits.body:
                megabytes = self.limits.body / 1_048_576
                raise FeedMalformed(
                    f"{name_of(response.url)} answers with more than {megabytes:.0f} MB at once; "
                    "set a paging style or a smaller page size."
                )
            if time.monotonic() - began > self.limits.total:
                raise Passing(
                    f"{name_of(response.url)} took longer than {self.limits.total:.0f} s."
                )
            parts.append(part)
        return b"".join(parts)


@lru_cache(maxsize=1)
def _certificates() -> SSLContext:
    return httpx.create_ssl_context()
