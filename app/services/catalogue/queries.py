"""What is asked of the catalogue: searching it, and reading one product."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter
from sqlalchemy import func, literal_column, select, true

from app.flag_cache import is_on
from app.flags import CORRECTED_SEARCH
from app.integrations.cache import read_through
from app.services.catalogue.cursors import BrokenCursor, Cursor, open_cursor
from app.services.catalogue.facets import count
from app.services.catalogue.listing import list_best, list_ids, list_page
from app.services.catalogue.matching import Question, category_of, conditions
from app.services.catalogue.places import stores_there
from app.services.catalogue.tables import FEED, PRODUCT
from app.services.catalogue.words import understand
from app.views.catalogue import SearchResult
from app.views.catalogue_query import Sort

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from app.services.catalogue.matching import Shape
    from app.views.accounts import Viewer
    from app.views.catalogue_query import CatalogueQuery
    from app.work import Work

# The longest that a page may show what a sync has replaced, should it not have moved the version.
CACHED_FOR: Final = timedelta(seconds=60)

_RESULT: Final = TypeAdapter(SearchResult)

# The first statement of every search says how to plan the others. Plans are made for the words at
# hand, since a rare and a common word want different ones; neither compiling a plan to machine code
# nor starting helpers pays for queries this short. Where many match and few are wanted, the planner
# would rather read the table until it has them: quick only while matches lie evenly in it, and the
# products of one sync lie together. The memory keeps a common word's pages exact in their bitmap.
_PLANNING: Final = {
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "enable_seqscan": "off",
    "random_page_cost": "1.1",
    "work_mem": "32MB",
    "pg_trgm.similarity_threshold": "0.25",
    "pg_trgm.word_similarity_threshold": "0.4",
}
_VERSION: Final = select(
    func.max(FEED.c.synced_at).label("newest"),
    func.min(FEED.c.synced_at).label("oldest"),
    func.count(FEED.c.synced_at).label("feeds"),
    *(
        func.set_config(literal_column(f"'{name}'"), literal_column(f"'{value}'"), true())
        for name, value in _PLANNING.items()
    ),
)


@dataclass(frozen=True, slots=True)
class Version:
    """Which state of the catalogue is looked at: moves with every sync, in its transaction."""

    mark: str
    synced_at: datetime | None


def begin(connection: Connection) -> Version:
    """Begin a search: the version that this transaction sees, and how it plans from here on."""
    row = connection.execute(_VERSION).one()
    newest = row.newest.timestamp() if row.newest else 0
    return Version(f"{newest:.6f}-{row.feeds}", row.oldest)


def search_catalogue(
    work: Work, *, query: CatalogueQuery, viewer: Viewer | None = None
) -> SearchResult:
    """Answer one question of `viewer`: a page of products, and how it can be narrowed.

    The counts and the first page in the order that goes with them are kept in the cache until the
    next sync, `CACHED_FOR` at most; any other page is handed out by an index and kept nowhere. A
    cursor that cannot be used gives the first page and one sentence in `Listing.problem`.
    """
    connection = work.session.connection()
    version = begin(connection)
    corrects = is_on(CORRECTED_SEARCH, viewer)
    search = _Search(connection, query, corrects=corrects)
    cursor, problem = search.cursor()
    kept = query.narrowing()
    result = read_through(
        f"catalogue:{version.mark}:{'' if corrects else 'as-typed:'}{kept.render()}",
        lambda: _first(connection, replace(search.question, query=kept), version),
        kind=_RESULT,
        keep=CACHED_FOR,
    )
    if cursor or kept.order is not query.order:
        result = replace(result, listing=list_page(connection, search.question, cursor))
    if problem:
        result = replace(result, listing=replace(result.listing, problem=problem))
    return result


def products_found(
    work: Work, *, query: CatalogueQuery, at_most: int, viewer: Viewer | None = None
) -> tuple[int, ...]:
    """Return the ids of the first products that answer a question of `viewer`, in its order."""
    connection = work.session.connection()
    begin(connection)
    question = _Search(connection, query, corrects=is_on(CORRECTED_SEARCH, viewer)).question
    return list_ids(connection, question, at_most=at_most)


def question_of(connection: Connection, query: CatalogueQuery) -> Question:
    """Return what `query` asks of products, its words and names looked up as a search does."""
    begin(connection)
    return _Search(connection, query, corrects=is_on(CORRECTED_SEARCH)).question


def _first(connection: Connection, question: Question, version: Version) -> SearchResult:
    """Return the first page and the counts."""
    counted = count(connection, question)
    listing = (
        list_best(connection, question, counted.best)
        if question.order is Sort.BEST
        else list_page(connection, question, None)
    )
    return SearchResult(listing, counted.facets, version.synced_at)


class _Search:
    """One question on its way to an answer; what has to be looked up is looked up once."""

    def __init__(self, connection: Connection, query: CatalogueQuery, *, corrects: bool) -> None:
        self._connection = connection
        self._query = query
        self._corrects = corrects

    @cached_property
    def question(self) -> Question:
        """The question, understood."""
        query = self._query
        wording = understand(self._connection, query.text, corrects=self._corrects)
        below, path = category_of(self._connection, query.category) if query.category else ((), ())
        stores = stores_there(self._connection, query.place) if query.place else None
        currency = query.currency
        if currency is None and (query.has_price or query.order.by_price):
            currency = self._commonest_currency(Question(query, wording, None, below, path, stores))
        return Question(query, wording, currency, below, path, stores)

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
