"""Products in the files of a snapshot, found by DuckDB: a page of them, and how to narrow it.

Nothing is held of a file but what a question needs. The order without another one is that of the
files, read from their end: a page of it looks at a group of rows or two, however many there are.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import duckdb

from app.integrations.arrow.conditions import Conditions, narrowed
from app.views.catalogue_query import CatalogueQuery, Sort
from app.views.past import PastCounts, PastFacet, PastPage, PastProduct, PastQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MEMORY: Final = "256MB"
THREADS: Final = 2
MOST_SUPPLIERS: Final = 50
MOST_BRANDS: Final = 12
MOST_CATEGORIES: Final = 50
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What an order sorts by before the product, of which kind that is, and whether downwards.
_KEYS: Final[dict[Sort, tuple[str, type, bool]]] = {
    Sort.NAME: ("lower(name)", str, False),
    Sort.PRICE_UP: ("price_minor", int, False),
    Sort.PRICE_DOWN: ("price_minor", int, True),
}
_BY_PRODUCT: Final = ("", int, True)
# The newest products are the last ones in the files: they are looked for among so many first.
NEAR: Final = 64_000
_SHOWN: Final = (
    "product_id, name, brand, supplier, price_minor, currency, "
    "epoch_us(price_since) AS price_since, price_point_id, stock, pictures[1] AS picture"
)
# What people get in a file: no lists, and amounts as they are written.
_EXPORTED: Final = (
    "product_id, supplier, feed, external_id, sku, name, brand, "
    "array_to_string(category, ' / ') AS category, price_minor, currency, "
    "strftime(make_timestamp(epoch_us(price_since)), '%Y-%m-%dT%H:%M:%SZ') AS price_since, "
    "price_point_id, stock, description, "
    "CAST(to_json(attributes) AS VARCHAR) AS attributes, "
    "CAST(to_json(stores) AS VARCHAR) AS stores, array_to_string(pictures, ' ') AS pictures"
)


def page_in(
    files: Sequence[Path],
    question: PastQuestion,
    *,
    size: int,
    after: tuple[Any, ...] | None = None,
    back: bool = False,
) -> PastPage:
    """Return `size` products that answer a question to Parquet files.

    They come after (or with `back` before) the place that an edge of another page names.
    """
    with closing(_connect()) as engine:
        return _Search(engine, files, question).page(size, after, back=back)


def counts_in(files: Sequence[Path], question: PastQuestion) -> PastCounts:
    """Count what answers a question to Parquet files."""
    with closing(_connect()) as engine:
        search = _Search(engine, files, question)
        return PastCounts(
            total=search.count(),
            currency=search.currency,
            suppliers=search.facet("supplier", "supplier_id", "supplier", most=MOST_SUPPLIERS),
            categories=search.categories(),
            brands=search.facet("brand", "brand", "brand", most=MOST_BRANDS),
            in_stock=search.count("stock > 0", without="stock"),
        )


def rows_of(files: Sequence[Path], *, at_once: int = 2_000) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the heads of the columns of a table for people, and then its rows, some at a time."""
    with closing(_connect()) as engine:
        answer = engine.execute(f"SELECT {_EXPORTED} FROM read_parquet({_listed(files)})")  # noqa: S608 - our own words
        yield [tuple(about[0] for about in answer.description or ())]
        while rows := answer.fetchmany(at_once):
            yield rows


def products_in(files: Sequence[Path], ids: Sequence[int]) -> dict[int, PastProduct]:
    """Return the products with these ids, as far as the files have them."""
    with closing(_connect()) as engine:
        return _Search(engine, files, PastQuestion(CatalogueQuery())).shown(list(ids))


def is_place(sort: Sort | None, keys: Sequence[object]) -> bool:
    """Tell whether these may be the keys of an edge of a page in this order."""
    _, kind, _ = _KEYS.get(sort or Sort.NEWEST, _BY_PRODUCT)
    kinds = [kind, int] if sort in _KEYS else [int]
    return [type(key) for key in keys] == kinds


class _Search:
    """One question to the files."""

    def __init__(
        self, engine: duckdb.DuckDBPyConnection, files: Sequence[Path], question: PastQuestion
    ) -> None:
        self.engine = engine
        self.files = files
        self.question = question
        self.query = question.query

    @cached_property
    def currency(self) -> str:
        """Return the currency that was asked for, else the one that most are priced in."""
        if self.query.currency:
            return self.query.currency
        asked = narrowed(self.question)
        (row,) = self._fetched("mode(currency) AS found", asked.where(without="price"), asked)
        return row["found"] or ""

    @property
    def asked(self) -> Conditions:
        """Return every condition; prices of two currencies are never compared."""
        query, asked = self.query, narrowed(self.question)
        if query.has_price or query.order.by_price:
            asked.add("price", "currency = $currency", currency=self.currency)
        return asked

    def page(self, size: int, after: tuple[Any, ...] | None, *, back: bool) -> PastPage:
        """Return a page."""
        column, _, falling = _KEYS.get(self.query.sort or Sort.NEWEST, _BY_PRODUCT)
        keys = (column, "product_id") if column else ("product_id",)
        is_down = falling != back
        asked = self.asked
        if after is not None:
            for place, key in enumerate(after):
                asked.values[f"k{place}"] = key
            bound = ", ".join(f"$k{place}" for place in range(len(keys)))
            asked.add("place", f"({', '.join(keys)}) {'<' if is_down else '>'} ({bound})")
        way = "DESC" if is_down else "ASC"
        order = ", ".join(f"{key} {way}" for key in keys)

        def first(*more: str) -> list[dict[str, Any]]:
            # Without the rest of the columns: so little else of the files is read.
            return self._fetched(
                ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys)),
                asked.where(*more),
                asked,
                f"ORDER BY {order} LIMIT {size + 1}",
            )

        found = first(self._near(after)) if is_down and not column else []
        if len(found) <= size:
            found = first()
        edges = [tuple(row.values()) for row in found[:size]]
        if back:
            edges.reverse()
        known = self.shown([edge[-1] for edge in edges])
        ends = (edges[0], edges[-1]) if edges else ()
        return PastPage(tuple(known[edge[-1]] for edge in edges), ends, len(found) > size)

    def _near(self, after: tuple[Any, ...] | None) -> str:
        """Return what the last products before a place, or of all, have in common."""
        if after is not None:
            return f"product_id >= {int(after[-1]) - NEAR}"
        (row,) = self._fetched("max(product_id) AS last", "true", Conditions())
        return f"product_id >= {(row['last'] or 0) - NEAR}"

    def shown(self, ids: list[int]) -> dict[int, PastProduct]:
        """Return products by their ids."""
        if not ids:
            return {}
        listed = ", ".join(str(int(one)) for one in ids)
        found = self._fetched(_SHOWN, f"product_id IN ({listed})", Conditions())
        return {row["product_id"]: _product(row) for row in found}

    def count(self, *more: str, without: str = "") -> int:
        """Return how many there are, without the conditions of a facet."""
        asked = self.asked
        (row,) = self._fetched("count(*) AS n", asked.where(*more, without=without), asked)
        return row["n"]

    def facet(self, facet: str, key: str, label: str, *, most: int) -> tuple[PastFacet, ...]:
        """Return the commonest choices of a facet."""
        asked = self.asked
        found = self._fetched(
            f"{key} AS key, any_value({label}) AS label, count(*) AS n",
            asked.where(f"{key} IS NOT NULL", without=facet),
            asked,
            f"GROUP BY 1 ORDER BY n DESC, label LIMIT {most}",
        )
        return tuple(PastFacet(str(row["key"]), row["label"], row["n"]) for row in found)

    def categories(self) -> tuple[PastFacet, ...]:
        """Return the commonest categories one step below the chosen one, by their names."""
        below = len(self.question.category) + 1
        return self.facet("", f"category[{below}]", f"category[{below}]", most=MOST_CATEGORIES)

    def _fetched(
        self, columns: str, where: str, asked: Conditions, rest: str = ""
    ) -> list[dict[str, Any]]:
        """Select from the files. What somebody typed is bound, and the rest are our own words."""
        # DuckDB refuses values that nothing names.
        named = {name: value for name, value in asked.values.items() if f"${name}" in where}
        answer = self.engine.execute(
            f"SELECT {columns} FROM read_parquet({_listed(self.files)}) WHERE {where} {rest}",  # noqa: S608 - our own words; see above
            named,
        )
        names = [about[0] for about in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _connect() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": THREADS,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )


def _listed(files: Sequence[Path]) -> str:
    """Return files as DuckDB takes them. Their names are ours: a hash each."""
    return "[" + ", ".join(f"'{file}'" for file in files) + "]"


def _product(row: dict[str, Any]) -> PastProduct:
    return PastProduct(
        id=row["product_id"],
        name=row["name"],
        brand=row["brand"] or "",
        supplier=row["supplier"],
        price_minor=row["price_minor"],
        currency=row["currency"],
        price_since=_EPOCH + timedelta(microseconds=row["price_since"]),
        price_point_id=row["price_point_id"],
        stock=row["stock"],
        picture=row["picture"] or "",
    )
