"""What every way of paging needs: a listing, and asking for a page of it in another thread."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from app.integrations.feeds.errors import FeedMalformed
from app.integrations.feeds.expressions import JMESPathError, compile_expression

if TYPE_CHECKING:
    from app.integrations.feeds.client import Answer, FeedClient
    from app.integrations.feeds.source import Paging

Records = list[Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of a feed: where it begins, how it is paged and where its records are."""

    url: httpx.URL
    paging: Paging
    records: str


class Walk:
    """One listing being asked, page by page."""

    def __init__(self, client: FeedClient, listing: Listing, executor: ThreadPoolExecutor) -> None:
        """Prepare; nothing is asked yet."""
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
