"""The pages of a listing, one after the other, whatever the supplier's way of handing them out.

Where pages can be asked by number, some are asked ahead; with cursors and links the next one is
asked while the present one is being used. A listing that never ends, or ends before it said it
would, is an error: half a feed must not look like a whole one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.integrations.feeds.chained import chained
from app.integrations.feeds.errors import FeedMalformed
from app.integrations.feeds.numbered import numbered
from app.integrations.feeds.source import (
    CursorPaging,
    LinkPaging,
    NoPaging,
    OffsetPaging,
    PagePaging,
)
from app.integrations.feeds.walk import Listing, Records, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.feeds.client import FeedClient


def pages(client: FeedClient, listing: Listing) -> Iterator[Records]:
    """Yield the records of each page, in order.

    Raises what FeedClient.get raises, and FeedMalformed for a listing that runs in a circle, ends
    early, or holds no list where the mapping says so.
    """
    with _executor(client) as executor:
        walk = Walk(client, listing, executor)
        match listing.paging:
            case NoPaging():
                found = iter([walk.records(walk.ask(listing.url).result())])
            case PagePaging() | OffsetPaging() as paging:
                found = numbered(walk, paging)
            case CursorPaging() | LinkPaging() as paging:
                found = chained(walk, paging)
        yield from _guarded(found, listing, client.limits.pages)


@contextmanager
def _executor(client: FeedClient) -> Iterator[ThreadPoolExecutor]:
    """Ask with a few threads; when the reader stops early, nobody waits for what was asked."""
    executor = ThreadPoolExecutor(client.limits.in_flight, thread_name_prefix="feed-page")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


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
