"""What is asked of the catalogue: searching it, and reading one product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter
from sqlalchemy import func, select, text

from app.integrations.cache import read_through
from app.services.catalogue.cursors import BrokenCursor, Cursor, open_cursor
from app.services.catalogue.facets import count_facets
from app.services.catalogue.listing import list_page, with_problem
from app.services.catalogue.matching import (
    FEED,
    PRODUCT,
    Question,
    category_of,
    conditions,
)
from app.services.catalogue.words import understand
from app.views.catalogue import Facets, Listing, SearchResult

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from app.services.catalogue.matching import Shape
    from app.views.catalogue_query import CatalogueQuery
    from app.work import Work

# The longest that a page may show what a sync has replaced, should it not have moved the version.
CACHED_FOR: Final = timedelta(seconds=60)

# Written once, as every statement of a search: putting one together takes longer than running it.
_VERSION: Final = select(
    func.max(FEED.c.synced_at).label("newest"),
    func.min(FEED.c.synced_at).label("oldest"),
    func.count(FEED.c.synced_at).label("feeds"),
)

_LISTING: Final = TypeAdapter(Listing)
_FACETS: Final = TypeAdapter(Facets)

# Plans are made for the words at hand, since a rare and a common word want different ones; neither
# compiling a plan to machine code nor starting helpers pays for queries this short. Where many
# match and few are wanted, the planner would rather read the table until it has them: quick only
# while matches lie evenly in it, and the products of one sync lie together.
PLANNING: Final = text("""
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('enable_seqscan', 'off', true), set_config('random_page_cost', '1.1', true)
""")


@dataclass(frozen=True, slots=True)
class Version:
    """Which state of the catalogue is looked at: moves with every sync, in its transaction."""

    mark: str
    synced_at: datetime | None


def catalogue_version(connection: Connection) -> Version:
    """Return the version that a reader sees now."""
    row = connection.execute(_VERSION).one()
    newest = row.newest.timestamp() if row.newest else 0
    return Version(f"{newest:.6f}-{row.feeds}", row.oldest)


def search_catalogue(work: Work, *, query: CatalogueQuery) -> SearchResult:
    """Answer one question: a page of products, and how it can be narrowed.

    The first page and the counts are kept in the cache until the next sync, `CACHED_FOR` at most.
    A cursor that cannot be used gives the first page and one sentence in `Listing.problem`.
    """
    connection = work.session.connection()
    version = catalogue_version(connection)
    search = _Search(connection, query)
    cursor, problem = search.cursor()
    shown = query if cursor else query.first_page()
    listing = (
        list_page(connection, search.question, cursor)
        if cursor
        else read_through(
            _key("page", version, shown),
            lambda: list_page(connection, search.question, None),
            kind=_LISTING,
            keep=CACHED_FOR,
        )
    )
    facets = read_through(
        _key("facets", version, shown.narrowing()),
        lambda: count_facets(connection, search.question),
        kind=_FACETS,
        keep=CACHED_FOR,
    )
    return SearchResult(
        listing=with_problem(listing, problem) if problem else listing,
        facets=facets,
        synced_at=version.synced_at,
    )


class _Search:
    """One question on its way to an answer; what has to be looked up is looked up once."""

    def __init__(self, connection: Connection, query: CatalogueQuery) -> None:
        self._connection = connection
        self._query = query

    @cached_property
    def question(self) -> Question:
        """The question, understood."""
        self._connection.execute(PLANNING)
        query = self._query
        wording = understand(self._connection, query.text)
        below, path = category_of(self._connection, query.category) if query.category else ((), ())
        currency = query.currency
        if currency is None and (query.has_price or query.order.by_price):
            currency = self._commonest_currency(
                Question(query, wording, categories=below, category_path=path)
            )
        return Question(query, wording, currency, below, path)

    def cursor(self) -> tuple[Cursor | None, str]:
        """Return where the page starts, and a sentence where that could not be read."""
        if self._query.after is None:
            return None, ""
        try:
            return open_cursor(self._query.after, self.question.order), ""
        except BrokenCursor as problem:
            return None, problem.sentence

    def _commonest_currency(self, question: Question) -> str | None:
        """Return the currency most matches are priced in: prices of two are never compared."""
        return self._connection.scalar(_commonest(question.shape), question.values)


@lru_cache(maxsize=256)
def _commonest(shape: Shape) -> Select[str]:
    """Return the statement that finds the most common currency among some of the matches."""
    matched = select(PRODUCT.c.currency).where(*conditions(shape)).limit(1000).subquery("matched")
    currency = matched.c.currency
    return select(currency).group_by(currency).order_by(func.count().desc(), currency).limit(1)


def _key(part: str, version: Version, query: CatalogueQuery) -> str:
    return f"catalogue:{version.mark}:{part}:{query.render()}"
