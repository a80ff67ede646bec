"""The pages of a listing, one after the other, whatever the supplier's way of handing them out.

Where pages can be asked by number, some are asked ahead; with cursors and links the next one is
asked while the present one is being used. A listing that never ends, or ends before it said it
would, is an error: half a feed must not look like a whole one.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx

from app.integrations.feeds.errors import FeedMalformed, FeedMissing
from app.integrations.feeds.expressions import JMESPathError, compile_expression
from app.integrations.feeds.source import (
    CursorPaging,
    LinkPaging,
    NoPaging,
    OffsetPaging,
    PagePaging,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.feeds.client import Answer, FeedClient
    from app.integrations.feeds.source import Paging

Records = list[Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of a feed: where it begins, how it is paged and where its records are."""

    url: httpx.URL
    paging: Paging
    records: str


def pages(client: FeedClient, listing: Listing) -> Iterator[Records]:
    """Yield the records of each page, in order.

    Raises what FeedClient.get raises, and FeedMalformed for a listing that runs in a circle, ends
    early, or holds no list where the mapping says so.
    """
    with _executor(client) as executor:
        walk = _Walk(client, listing, executor)
        match listing.paging:
            case NoPaging():
                found = iter([walk.records(walk.ask(listing.url).result())])
            case PagePaging() | OffsetPaging() as numbered:
                found = _numbered(walk, numbered)
            case CursorPaging() | LinkPaging() as chained:
                found = _chained(walk, chained)
        yield from _guarded(found, listing, client.limits.pages)


@contextmanager
def _executor(client: FeedClient) -> Iterator[ThreadPoolExecutor]:
    """Ask with a few threads; when the reader stops early, nobody waits for what was asked."""
    executor = ThreadPoolExecutor(client.limits.in_flight, thread_name_prefix="feed-page")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


class _Walk:
    """What every paging style needs."""

    def __init__(self, client: FeedClient, listing: Listing, executor: ThreadPoolExecutor) -> None:
        self.client = client
        self.listing = listing
        self.executor = executor
        self._records = compile_expression(listing.records)

    def ask(self, url: httpx.URL) -> Future[Answer]:
        """Ask for a page in another thread."""
        return self.executor.submit(self.client.get, url)

    def with_parameters(self, parameters: dict[str, str]) -> httpx.URL:
        """Return the listing's address with more parameters in its query."""
        return self.listing.url.copy_merge_params(parameters)

    def records(self, answer: Answer) -> Records:
        """Return the records of an answer."""
        try:
            found = self._records(answer.content)
        except JMESPathError:
            found = None
        if not isinstance(found, list):
            raise FeedMalformed(
                f'The answer holds no list of records at "{self.listing.records}"; '
                "check the mapping."
            )
        return found


def _total(expression: str | None, answer: Answer) -> int | None:
    """Return how many records the listing says it has, None where it does not say."""
    if expression is None:
        return None
    try:
        found = compile_expression(expression)(answer.content)
    except JMESPathError:
        return None
    if isinstance(found, str) and found.isdecimal():
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _numbered(walk: _Walk, paging: PagePaging | OffsetPaging) -> Iterator[Records]:
    """Ask for pages by number or offset, several at once where the total is known.

    The step is what the first page really held, because suppliers hand out less than was asked. A
    page of another size in the middle moves the offsets, so what was asked ahead is asked again.
    """
    ahead: deque[tuple[int, Future[Answer]]] = deque()
    received = step = 0
    total: int | None = None
    for number in count():
        place = number if isinstance(paging, PagePaging) else received
        if ahead and ahead[0][0] != place:
            ahead.clear()
        if not ahead:
            ahead.append((place, walk.ask(_numbered_url(walk, paging, place))))
        answer = _unless_behind_the_end(ahead.popleft()[1], received, total)
        records = walk.records(answer) if answer else []
        total = _total(paging.total, answer) if answer else total
        received += len(records)
        if not records:
            _check_complete(received, total)
            return
        step = step or len(records)
        yield records
        if total is not None and received >= total:
            return
        _ask_ahead(walk, paging, ahead, (number, received, step, total))


def _unless_behind_the_end(
    coming: Future[Answer], received: int, total: int | None
) -> Answer | None:
    """Return the answer; None for a 404 behind the last page, where no total says otherwise."""
    try:
        return coming.result()
    except FeedMissing:
        if total is None and received:
            return None
        raise


def _ask_ahead(
    walk: _Walk,
    paging: PagePaging | OffsetPaging,
    ahead: deque[tuple[int, Future[Answer]]],
    where: tuple[int, int, int, int | None],
) -> None:
    """Keep as many pages asked as may be in flight, none behind the total."""
    number, received, step, total = where
    if total is None:
        return
    for distance in range(len(ahead), walk.client.limits.in_flight):
        offset = received + distance * step
        if offset >= total:
            return
        place = number + 1 + distance if isinstance(paging, PagePaging) else offset
        ahead.append((place, walk.ask(_numbered_url(walk, paging, place))))


def _numbered_url(walk: _Walk, paging: PagePaging | OffsetPaging, place: int) -> httpx.URL:
    if isinstance(paging, PagePaging):
        parameters = {paging.page_parameter: str(paging.first + place)}
    else:
        parameters = {paging.offset_parameter: str(place)}
    if paging.size_parameter:
        parameters[paging.size_parameter] = str(paging.size)
    return walk.with_parameters(parameters)


def _check_complete(received: int, total: int | None) -> None:
    if total is not None and received < total:
        raise FeedMalformed(f"The listing ended after {received} of {total} records.")


def _chained(walk: _Walk, paging: CursorPaging | LinkPaging) -> Iterator[Records]:
    """Follow cursors or links; the next page is asked before the present one is used."""
    size = {paging.size_parameter: str(paging.size)} if paging.size_parameter else {}
    url: httpx.URL | None = walk.with_parameters(size)
    asked: set[str] = {str(url)}
    coming = walk.ask(url)
    while True:
        answer = coming.result()
        url = (
            _after_cursor(walk, paging, size, answer)
            if isinstance(paging, CursorPaging)
            else _after_link(walk, paging, answer)
        )
        if url is not None:
            if str(url) in asked:
                raise FeedMalformed("The listing runs in a circle: a page names an earlier one.")
            asked.add(str(url))
            coming = walk.ask(url)
        yield walk.records(answer)
        if url is None:
            return


def _after_cursor(
    walk: _Walk, paging: CursorPaging, size: dict[str, str], answer: Answer
) -> httpx.URL | None:
    cursor = _found(paging.next, answer)
    if cursor is None:
        return None
    return walk.with_parameters({**size, paging.cursor_parameter: cursor})


def _after_link(walk: _Walk, paging: LinkPaging, answer: Answer) -> httpx.URL | None:
    link = _found(paging.next, answer) if paging.next else answer.link_next
    if link is None:
        return None
    try:
        url = answer.url.join(link)
    except httpx.InvalidURL:
        raise FeedMalformed("A page names a next one that is no address.") from None
    if not walk.client.is_own(url):
        raise FeedMalformed(f"A page names a next one at another origin, {url.host}.")
    return url


def _found(expression: str, answer: Answer) -> str | None:
    """Return the text or number that leads to the next page, None behind the last."""
    try:
        value = compile_expression(expression)(answer.content)
    except JMESPathError:
        value = None
    if value is None or value == "" or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FeedMalformed(f'What leads to the next page at "{expression}" is not text.')
    return str(value)


def _guarded(found: Iterator[Records], listing: Listing, most: int) -> Iterator[Records]:
    """Pass pages on, but not for ever and not the same one twice in a row."""
    before: Records = []
    for number, records in enumerate(found, start=1):
        if number > most:
            raise FeedMalformed(f"The listing has more than {most} pages.")
        if records and len(records) == len(before) and records == before:
            raise FeedMalformed(
                f"Page {number} is the same as the one before; check the {listing.paging.style} "
                "paging's parameters."
            )
        before = records
        yield records
