"""What two snapshots say differently of each product, as one Parquet file.

The files are sorted by product and hold a hash of each row. Joined by these two columns alone, all
that is alike falls away; what is left is unpacked and looked at field by field. The file that comes
of it is sorted by what matters: the largest changes of a price first, then what came and went.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.errors import BadInput
from app.integrations.duck.connection import MEMORY, files, opened
from app.integrations.duck.summing import summed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import duckdb

# What names a product and what it costs: without these there is nothing to compare.
_ESSENTIAL: Final = (
    "product_id",
    "external_id",
    "supplier_id",
    "supplier",
    "name",
    "price_minor",
    "currency",
)
# What else is looked at where both have it, with its type where one does not.
_OPTIONAL: Final = {
    "stock": "INTEGER",
    "category": "VARCHAR[]",
    "stores": "STRUCT(store_id INTEGER, name VARCHAR, stock INTEGER)[]",
}
_KINDS: Final = {
    "price up": "same_currency AND price_after > price_before",
    "price down": "same_currency AND price_after < price_before",
    "currency": "currency_before <> currency_after",
    "stock": "stock_before IS DISTINCT FROM stock_after",
    "stores": "stored_before IS DISTINCT FROM stored_after",
    "name": "name_before <> name_after",
    "category": "category_before IS DISTINCT FROM category_after",
}
# Below the prices, which come up and down alike: what cost nothing before has changed by more than
# any share.
_ORDER: Final = ("currency", "removed", "added", "stock", "stores", "name", "category", "details")
# Renaming a store changes no product.
_STORED: Final = "list_transform({side}.stores, lambda s: {{'id': s.store_id, 'n': s.stock}})"


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it: `rows` of the file, the figures of `summed`, and what was not looked at.

    `unlisted_before` and `unlisted_after` are products that only one has, where they are not
    listed as removed and added.
    """

    rows: int
    unlisted_before: int
    unlisted_after: int
    not_compared: tuple[str, ...]
    figures: dict[str, Any]


def compare_files(
    before: Sequence[Path],
    after: Sequence[Path],
    *,
    into: Path,
    same_hash: bool,
    same_filter: bool,
    memory: str = MEMORY,
    beat: Callable[[str], None] = lambda _: None,
) -> Compared:
    """Write what differs to the file `into`.

    Without `same_hash`, where row hashes are made in different ways, every field is looked at; and
    without `same_filter` only products that both have. `beat` is told what begins. Raises BadInput
    where a file has not what a comparison needs, Unavailable where memory or disk run out.
    """
    with opened(memory=memory) as connection:
        # Nothing is asked for in the order in which it was read, but for the end.
        connection.execute("SET preserve_insertion_order = false")
        has_both = _columns(connection, before) & _columns(connection, after)
        missing = [name for name in _ESSENTIAL if name not in has_both]
        if missing:
            raise BadInput(f"These snapshots cannot be compared: one has no {missing[0]}.")
        has_hash = same_hash and "row_hash" in has_both
        beat("finding")
        _find(connection, before, after, has_hash=has_hash)
        unlisted = (0, 0) if same_filter else _drop_unlisted(connection)
        beat("unpacking")
        for side, paths in (("before", before), ("after", after)):
            _unpack(connection, side, paths, has_both)
        _describe(connection, has_hash=has_hash)
        beat("writing")
        rows = _write(connection, into)
        return Compared(
            rows=rows,
            unlisted_before=unlisted[0],
            unlisted_after=unlisted[1],
            not_compared=tuple(name for name in _OPTIONAL if name not in has_both),
            figures=summed(connection),
        )


def _columns(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> set[str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {files(paths)}").fetchall()  # noqa: S608 - our own names
    return {row[0] for row in described}


def _find(
    connection: duckdb.DuckDBPyConnection,
    before: Sequence[Path],
    after: Sequence[Path],
    *,
    has_hash: bool,
) -> None:
    """Note which products differ, or are in one only; every product where the hash cannot tell."""
    columns = "product_id, row_hash" if has_hash else "product_id"
    differ = "WHERE a.row_hash IS DISTINCT FROM b.row_hash" if has_hash else ""
    connection.execute(
        f"""
        CREATE TEMP TABLE differing AS
        SELECT a.product_id AS before_id, b.product_id AS after_id
        FROM (SELECT {columns} FROM {files(before)}) a
        FULL JOIN (SELECT {columns} FROM {files(after)}) b ON a.product_id = b.product_id
        {differ}
        """  # noqa: S608 - our own names
    )


def _drop_unlisted(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Forget what only one has; return how many only the first and only the second has."""
    found: Any = connection.execute(
        """
        SELECT count(*) FILTER (after_id IS NULL), count(*) FILTER (before_id IS NULL)
        FROM differing
        """
    ).fetchone()
    connection.execute("DELETE FROM differing WHERE before_id IS NULL OR after_id IS NULL")
    return found


def _unpack(
    connection: duckdb.DuckDBPyConnection, side: str, paths: Sequence[Path], has: set[str]
) -> None:
    optional = [
        name if name in has else f"NULL::{kind} AS {name}" for name, kind in _OPTIONAL.items()
    ]
    connection.execute(
        f"""
        CREATE TEMP TABLE {side} AS
        SELECT {", ".join((*_ESSENTIAL, *optional))} FROM {files(paths)}
        WHERE product_id IN (SELECT {side}_id FROM differing)
        """  # noqa: S608 - our own names
    )


def _describe(connection: duckdb.DuckDBPyConnection, *, has_hash: bool) -> None:
    """Say of each product what kinds of changes there are; nothing where there is none."""
    fields = ("name", "price_minor AS price", "currency", *_OPTIONAL)
    sides = ", ".join(
        f"{side}.{name.split(' AS ')[0]} AS {name.rsplit(maxsplit=1)[-1]}_{side}"
        for name in fields
        for side in ("before", "after")
    )
    kinds = ", ".join(f"CASE WHEN {test} THEN '{kind}' END" for kind, test in _KINDS.items())
    # What else people see of a product is not unpacked: its hash tells that it has changed.
    otherwise = "['details']" if has_hash else "[]::VARCHAR[]"
    connection.execute(
        f"""
        CREATE TEMP VIEW pair AS
        SELECT
            coalesce(after.product_id, before.product_id) AS product_id,
            coalesce(after.external_id, before.external_id) AS external_id,
            coalesce(after.supplier_id, before.supplier_id) AS supplier_id,
            coalesce(after.supplier, before.supplier) AS supplier,
            {sides},
            {_STORED.format(side="before")} AS stored_before,
            {_STORED.format(side="after")} AS stored_after,
            before.product_id IS NULL AS is_added,
            after.product_id IS NULL AS is_removed,
            before.currency = after.currency AS same_currency
        FROM before FULL JOIN after ON before.product_id = after.product_id;
        CREATE TEMP TABLE change AS
        SELECT * EXCLUDE (stored_before, stored_after, is_added, is_removed, same_currency, found),
            CASE WHEN is_added THEN ['added'] WHEN is_removed THEN ['removed']
                WHEN len(found) > 0 THEN found ELSE {otherwise} END AS kinds,
            CASE WHEN same_currency AND price_after <> price_before AND price_before <> 0
                THEN 100.0 * (price_after - price_before) / abs(price_before) END AS percent
        FROM (
            SELECT *, list_filter([{kinds}], lambda kind: kind IS NOT NULL) AS found FROM pair
        )
        WHERE len(kinds) > 0
        """  # noqa: S608 - our own names
    )


def _write(connection: duckdb.DuckDBPyConnection, into: Path) -> int:
    """Write the changes by what matters; return how many."""
    connection.execute("SET preserve_insertion_order = true")
    places = ", ".join(f"'{kind}'" for kind in _ORDER)
    wrote: Any = connection.execute(
        f"""
        COPY (
            FROM change
            ORDER BY
                CASE WHEN kinds[1] LIKE 'price %' THEN 0
                    ELSE list_position([{places}], kinds[1]) END,
                abs(percent) DESC NULLS FIRST,
                abs(coalesce(stock_after, 0) - coalesce(stock_before, 0)) DESC,
                product_id
        ) TO '{str(into).replace("'", "''")}' (FORMAT parquet, COMPRESSION zstd)
        """
    ).fetchone()
    return wrote[0]
