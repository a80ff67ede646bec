"""Search with its counts: what the service adds to its own SQL, and what the cache saves."""

from __future__ import annotations

import statistics
import threading
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import event, text

from app import db
from app.integrations.redis import cache_client
from app.services.catalogue import search_catalogue
from app.services.catalogue.cursors import Cursor
from app.services.catalogue.listing import PAGE_SIZE, list_page
from app.services.catalogue.matching import Question
from app.services.catalogue.queries import begin
from app.services.catalogue.words import Wording
from app.views.areas import circle_at
from app.views.catalogue_query import CatalogueQuery, Sort
from app.views.stores import Point
from app.work import reading
from bench.search_by_hand import one_statement
from tests.factories.catalogue import fill
from tests.factories.stores import fill_shelves, fill_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from bench.row import Row

ROUNDS = 60
FIRST_ROUNDS = 3
DEEP_PAGE = 2000
STAMPEDE = 100
MOST_TIMES = 1.3
DEEP_TIMES = 1.2
# With 2,000 products each, at any size of the catalogue: a store is as large as it is.
STORES = 1_500
NEAR_KM = 10
# p95 in ms, by how many products there are.
P95_LIMITS = {100_000: 20.0, 1_000_000: 100.0}

QUERIES = {
    "empty box": CatalogueQuery(),
    "one broad word": CatalogueQuery(text="screwdriver"),
    "two words with filters": CatalogueQuery(text="steel bottle", suppliers=(1,), in_stock=True),
    "two mistyped words": CatalogueQuery(text="cordles scewdriver"),
    "a main category": CatalogueQuery(category=1),
    "a shelf": CatalogueQuery(category=100),
    "the cheapest first": CatalogueQuery(text="desk", sort=Sort.PRICE_UP, currency="EUR"),
}


def rows(size: int) -> list[Row]:
    """Measure a catalogue of `size` made-up products."""
    with db.open_session() as session:
        fill(session, size)
    found: list[Row] = []
    for name, query in QUERIES.items():
        found += _against_sql(name, query, size)
    found += [_deep_page(size), _hit(size), _stampede(size), _stale(size)]
    # After all others, since these give the catalogue stores and shelves.
    for name, query in _near_places():
        found += _against_sql(name, query, size, by_hand=False)
    return found


def _near_places() -> Iterator[tuple[str, CatalogueQuery]]:
    """Write stores with shelves, and yield questions about those near the largest town."""
    with db.open_session() as session:
        fill_stores(session, STORES)
        fill_shelves(session)
        middle = session.execute(
            text("SELECT avg(latitude), avg(longitude) FROM store WHERE city = 'Town 1'")
        ).one()
    place = circle_at(Point(*middle), NEAR_KM)
    yield "in stock near a place", CatalogueQuery(place=place)
    yield "two words in stock near a place", CatalogueQuery(text="steel bottle", place=place)
    yield "one broad word in stock near a place", CatalogueQuery(text="screwdriver", place=place)


def _against_sql(
    name: str, query: CatalogueQuery, size: int, *, by_hand: bool = True
) -> Iterator[Row]:
    """Compare a search that nothing has kept with SQL sent by hand.

    Once with its own statements, and once with the least SQL known for such an answer: one
    statement that is told what the words and the category mean, and does the rest (`by_hand`).
    """
    statements = _statements_of(query)
    categories = next(
        (values["categories"] for _, values in statements if "categories" in values), None
    )
    least = (one_statement(name), {"categories": categories}) if by_hand else None
    ours: list[float] = []
    alone: list[float] = []
    in_one: list[float] = []
    with db.raw_connection() as connection:
        # In turns, so that a busy moment of the machine meets all.
        for _ in range(ROUNDS + FIRST_ROUNDS):
            cache_client().flushall()
            ours.append(_milliseconds(lambda: reading(search_catalogue, query=query)))
            alone.append(_milliseconds(lambda: _send(connection, statements)))
            if least:
                in_one.append(_milliseconds(lambda: _send(connection, [statements[0], least])))
    ours, alone, in_one = ours[FIRST_ROUNDS:], alone[FIRST_ROUNDS:], in_one[FIRST_ROUNDS:]
    yield _times(f"search: {name}", size, ours, alone, "its SQL alone")
    if least:
        against = "one statement by hand"
        yield _times(f"search in one statement: {name}", size, ours, in_one, against)
    limit = P95_LIMITS.get(size)
    if limit:
        p95 = statistics.quantiles(ours, n=20)[-1]
        yield {
            "what": f"search p95: {name}",
            "size": size,
            "ours": round(p95, 2),
            "floor": limit,
            "unit": "ms",
            "ratio": round(p95 / limit, 2),
            "goal": f"under {limit:.0f} ms",
            "met": p95 < limit,
        }


def _times(what: str, size: int, ours: list[float], floor: list[float], against: str) -> Row:
    """Compare the medians of two series of milliseconds."""
    middle, least = statistics.median(ours), statistics.median(floor)
    return {
        "what": what,
        "size": size,
        "ours": round(middle, 2),
        "floor": round(least, 2),
        "unit": "ms",
        "ratio": round(middle / least, 2),
        "goal": f"at most {MOST_TIMES} times {against}",
        "met": middle / least <= MOST_TIMES,
    }


def _statements_of(query: CatalogueQuery) -> list[tuple[str, dict[str, object]]]:
    """Return the SQL of one search that nothing has kept, with its values."""
    heard: list[tuple[str, dict[str, object]]] = []

    def hear(
        _one: object, _two: object, statement: str, values: dict[str, object], *_: object
    ) -> None:
        heard.append((statement, values))

    cache_client().flushall()
    event.listen(db.reading_engine(), "before_cursor_execute", hear)
    try:
        reading(search_catalogue, query=query)
    finally:
        event.remove(db.reading_engine(), "before_cursor_execute", hear)
    return heard


def _send(connection: psycopg.Connection, statements: list[tuple[str, dict[str, object]]]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement.encode(), values, prepare=True).fetchall()  # pyright: ignore[reportArgumentType] - as SQLAlchemy passed them


def _deep_page(size: int) -> Row:
    """Compare a page far down a listing with the first one."""
    page = min(DEEP_PAGE, size // PAGE_SIZE // 2)
    question = Question(CatalogueQuery(sort=Sort.NAME), Wording())
    with db.open_session(read_only=True) as session:
        connection = session.connection()
        begin(connection)
        edge = connection.execute(
            text("SELECT id, name FROM product ORDER BY lower(name), id OFFSET :skip LIMIT 1"),
            {"skip": page * PAGE_SIZE},
        ).one()
        cursor = Cursor(Sort.NAME, edge.name, edge.id)
        times: dict[Cursor | None, list[float]] = {None: [], cursor: []}
        for _ in range(ROUNDS):
            for place, found in times.items():
                found.append(
                    _milliseconds(lambda place=place: list_page(connection, question, place))
                )
    ours, floor = statistics.median(times[cursor]), statistics.median(times[None])
    return {
        "what": f"search: page {page:,} against page 1",
        "size": size,
        "ours": round(ours, 2),
        "floor": round(floor, 2),
        "unit": "ms",
        "ratio": round(ours / floor, 2),
        "goal": f"at most {DEEP_TIMES} times",
        "met": ours / floor <= DEEP_TIMES,
    }


def _hit(size: int) -> Row:
    """Compare an answer that was kept with one that was not."""
    query = QUERIES["one broad word"]
    misses: list[float] = []
    hits: list[float] = []
    for _ in range(ROUNDS):
        cache_client().flushall()
        misses.append(_milliseconds(lambda: reading(search_catalogue, query=query)))
        hits.append(_milliseconds(lambda: reading(search_catalogue, query=query)))
    hit, miss = statistics.median(hits), statistics.median(misses)
    return {
        "what": "search: kept answer against a fresh one",
        "size": size,
        "ours": round(hit, 2),
        "floor": round(miss, 2),
        "unit": "ms",
        "ratio": round(hit / miss, 2),
        "goal": "quicker than a fresh one",
        "met": hit < miss,
    }


def _stampede(size: int) -> Row:
    """Count how often a question is answered by the database when many ask it at once."""
    query = QUERIES["one broad word"]
    counted = 0

    def hear(_one: object, _two: object, statement: str, *_: object) -> None:
        nonlocal counted
        counted += "grouped_all" in statement

    cache_client().flushall()
    start = threading.Barrier(STAMPEDE)

    def ask() -> None:
        start.wait()
        reading(search_catalogue, query=query)

    event.listen(db.reading_engine(), "before_cursor_execute", hear)
    try:
        with ThreadPoolExecutor(STAMPEDE) as pool:
            for future in [pool.submit(ask) for _ in range(STAMPEDE)]:
                future.result()
    finally:
        event.remove(db.reading_engine(), "before_cursor_execute", hear)
    return {
        "what": f"search: answers made for {STAMPEDE} misses at once",
        "size": size,
        "ours": float(counted),
        "floor": 1.0,
        "unit": "queries",
        "ratio": float(counted),
        "goal": "one",
        "met": counted == 1,
    }


def _stale(size: int) -> Row:
    """Count the answers that show what a commit has replaced, asked for right after it."""
    query = CatalogueQuery(sort=Sort.NAME)
    stale = 0
    with db.raw_connection() as connection:
        for price in range(1, ROUNDS + 1):
            first = reading(search_catalogue, query=query).listing.products[0]
            # As a sync ends: what it brought and the moment of it, in one transaction.
            with connection.transaction():
                connection.execute(
                    "UPDATE product SET price_minor = %s WHERE id = %s", (price, first.id)
                )
                connection.execute("UPDATE feed SET synced_at = clock_timestamp()")
            shown = reading(search_catalogue, query=query).listing.products[0]
            stale += shown.price_minor != price
    return {
        "what": "search: stale answers right after a sync's commit",
        "size": size,
        "ours": float(stale),
        "floor": 0.0,
        "unit": f"of {ROUNDS}",
        "ratio": 0,
        "goal": "none",
        "met": stale == 0,
    }


def _milliseconds(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return (perf_counter() - began) * 1000
