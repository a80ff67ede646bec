"""One feed, opened: its categories, its stores and its products, each as a stream of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import httpx

from app.integrations.feeds.client import FeedClient, Limits
from app.integrations.feeds.errors import FeedMalformed
from app.integrations.feeds.expressions import compile_expression
from app.integrations.feeds.pages import pages
from app.integrations.feeds.products import MOST_CATEGORIES, ProductReader
from app.integrations.feeds.stores import StoreReader
from app.integrations.feeds.values import Rejected, identifier, needed_line
from app.integrations.feeds.walk import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from app.integrations.feeds.client import Access
    from app.integrations.feeds.expressions import Getter
    from app.integrations.feeds.rows import Rejection, StoreRow
    from app.integrations.feeds.source import CategorySource, FeedSource

MOST_STORES = 100_000

Path = tuple[str, ...]


class FeedReader:
    """Reads one feed, in a `with` block; nothing is asked before the first stream is used."""

    def __init__(self, source: FeedSource, access: Access, limits: Limits | None = None) -> None:
        """Prepare to read `source`, opened by `access`."""
        self._source = source
        self._client = FeedClient(source.url, access, limits or Limits())

    def __enter__(self) -> Self:
        """Use the reader until the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its connections."""
        self._client.__exit__(kind, problem, trace)

    def product_reader(self, *, stores: frozenset[str] = frozenset()) -> ProductReader:
        """Return what turns this feed's records into rows; asks for the category tree first.

        `stores` are the ids that stock by store may name. Raises what `pages` raises.
        """
        return ProductReader(
            self._source.products,
            base=str(self._client.url),
            categories=self._paths(),
            stores=stores,
        )

    def product_pages(self) -> Iterator[list[Any]]:
        """Yield the records of each page of products, as they came. Raises what `pages` raises."""
        listing = Listing(self._client.url, self._source.paging, self._source.products.records)
        return pages(self._client, listing)

    def stores(self) -> Iterator[StoreRow | Rejection]:
        """Yield the rows of the feed's stores; nothing where it has no store source."""
        source = self._source.stores
        if source is None:
            return
        reader = StoreReader(source)
        listing = Listing(self._address(source.url), source.paging, source.records)
        number = 0
        for records in pages(self._client, listing):
            number += len(records)
            if number > MOST_STORES:
                raise FeedMalformed(f"The feed has more than {MOST_STORES} stores.")
            yield from map(reader.read, records)

    def _address(self, url: str) -> httpx.URL:
        """Return an address relative to the feed's own; other origins are not asked."""
        joined = self._client.url.join(url)
        if not self._client.is_own(joined):
            raise FeedMalformed(f"{url} lies at another origin than the feed itself.")
        return joined

    def _paths(self) -> dict[str, Path] | None:
        """Return the path of names for each code of the category tree, None without a source."""
        source = self._source.categories
        if source is None:
            return None
        listing = Listing(self._address(source.url), source.paging, source.records)
        tree = _Tree(source)
        for records in pages(self._client, listing):
            for record in records:
                tree.add(record, None)
        return tree.paths()


class _Tree:
    """Collects categories by code, each with its name and the code of its parent."""

    def __init__(self, source: CategorySource) -> None:
        self._code = compile_expression(source.code)
        self._name = compile_expression(source.name)
        self._parent: Getter | None = compile_expression(source.parent) if source.parent else None
        self._children: Getter | None = (
            compile_expression(source.children) if source.children else None
        )
        self._nodes: dict[str, tuple[str, str | None]] = {}

    def add(self, record: Any, above: str | None) -> None:  # noqa: ANN401 - any JSON
        """Take a category and those inside it. Raises FeedMalformed where it cannot be read."""
        waiting: list[tuple[Any, str | None]] = [(record, above)]
        while waiting:
            one, parent = waiting.pop()
            try:
                code = identifier(self._code(one))
                name = needed_line(self._name(one), "name")
                named = self._parent(one) if self._parent else None
            except Rejected as problem:
                raise FeedMalformed(f"A category cannot be read: {problem}") from None
            self._nodes[code] = (name, parent if named is None else str(named))
            if len(self._nodes) > MOST_CATEGORIES:
                raise FeedMalformed(f"The feed has more than {MOST_CATEGORIES} categories.")
            inside = self._children(one) if self._children else None
            waiting += [(child, code) for child in inside or []]

    def paths(self) -> dict[str, Path]:
        """Return the path from the root for each code; a circle ends where it closes."""
        return {code: self._path(code) for code in self._nodes}

    def _path(self, code: str) -> Path:
        names: list[str] = []
        seen: set[str] = set()
        at: str | None = code
        while at is not None and at in self._nodes and at not in seen:
            seen.add(at)
            name, at = self._nodes[at]
            names.append(name)
        return tuple(reversed(names))
