"""Staging: what a feed says is compared with what is known, and only what differs is copied.

Each batch of records is looked up by external id. A record whose hash is the stored one is done
with, unread; its product is marked as still there. Everything else is read through the mapping and
copied into a temporary table. Memory holds one batch and one bit for each product id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from app.integrations.feeds import Rejection, StoreRow, record_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from app.integrations.feeds import ProductReader

BATCH = 2_000
MOST_KEPT_REJECTIONS = 1_000
DUPLICATE = "external_id: an earlier record of this feed has the same one."

# `staged` is a staged row as the catalogue wants it. A view computes only what a statement uses, so
# what is searched is not made for a product whose price alone has moved.
_TABLES = """
CREATE TEMPORARY TABLE stage (
    product_id bigint, source_hash bytea, external_id text, sku text, name text, description text,
    brand text, category text, price_minor bigint, currency text, stock integer, pictures text,
    attributes text, store_stock text, record_hash bytea
);
CREATE TEMPORARY TABLE stage_store (
    external_id text, name text, street text, postcode text, city text, country text,
    latitude double precision, longitude double precision, opening_hours text, record_hash bytea,
    store_id integer
);
CREATE TEMPORARY TABLE change (
    product_id bigint, external_id text, created boolean, changed boolean, returned boolean,
    priced boolean, price_minor bigint, currency text, words_before text, words_after text
);
CREATE TEMPORARY VIEW staged AS
SELECT
    product_id, source_hash, external_id, sku, stage.name, description, brand,
    category.id AS category_id, price_minor, currency, stock,
    coalesce(string_to_array(nullif(pictures, ''), E'\\n'), '{}') AS pictures,
    attributes::jsonb AS attributes, record_hash,
    catalogue_vector(
        stage.name, brand, sku, replace(stage.category, E'\\x1f', ' '), description
    ) AS search,
    concat_ws(' ', stage.name, brand, replace(stage.category, E'\\x1f', ' ')) AS words
FROM stage LEFT JOIN category ON category.path = string_to_array(stage.category, E'\\x1f');
CREATE TEMPORARY VIEW stocked AS
SELECT change.product_id, stage_store.store_id, pieces.value::integer AS stock
FROM change
JOIN stage USING (external_id)
CROSS JOIN LATERAL json_each_text(stage.store_stock::json) AS pieces
JOIN stage_store ON stage_store.external_id = pieces.key
"""
_KNOWN = """
SELECT external_id, id, source_hash, record_hash, withdrawn_at IS NOT NULL
FROM product WHERE feed_id = %s AND external_id = ANY(%s)
"""


class _Known(NamedTuple):
    """What is stored of a product."""

    product_id: int
    source_hash: bytes | None
    record_hash: bytes
    is_withdrawn: bool


def _compared(
    record: Any,  # noqa: ANN401 - any JSON
    before: _Known | None,
    reader: ProductReader,
    *,
    same_mapping: bool,
) -> tuple[Any, ...] | Rejection | None:
    """Return the row to stage, why there is none, or None for a record that changes nothing."""
    digest = reader.digest(record)
    known = None if before is None or before.is_withdrawn else before
    if known and same_mapping and known.source_hash == digest:
        return None
    row = reader.read(record)
    if isinstance(row, Rejection):
        return row
    is_same = known is not None and known.record_hash == row.record_hash
    # Under another mapping the stored source hash has to be renewed even where the row is the same.
    if is_same and (same_mapping or (known and known.source_hash == digest)):
        return None
    return (before.product_id if before else None, digest, *row)


class Marks:
    """A set of product ids in one bit each, as Postgres' `get_bit` reads it."""

    def __init__(self, lowest: int, highest: int) -> None:
        """Make room for the ids from `lowest` to `highest`."""
        self.lowest = lowest
        self.highest = highest
        self.bits = bytearray((highest - lowest) // 8 + 1)

    def add(self, product_id: int) -> bool:
        """Add an id; tell whether it is new."""
        place, mask = (product_id - self.lowest) >> 3, 1 << ((product_id - self.lowest) & 7)
        if self.bits[place] & mask:
            return False
        self.bits[place] |= mask
        return True


@dataclass
class Tally:
    """What has come in so far; `kept` holds the first rejections only."""

    seen: int = 0
    unchanged: int = 0
    rejected: int = 0
    kept: list[Rejection] = field(default_factory=list[Rejection])

    def reject(self, rejection: Rejection) -> None:
        """Count a rejection and keep it where there is room."""
        self.rejected += 1
        if len(self.kept) < MOST_KEPT_REJECTIONS:
            self.kept.append(rejection)

    def reject_double(self, external_id: str, record: str = "null") -> None:
        """Reject a record whose external id an earlier one has."""
        self.reject(Rejection(external_id, DUPLICATE, record))


class Staging:
    """The temporary tables of one sync, on the connection that will apply them.

    Args:
        connection: Holds the feed's lock; every batch is a transaction of its own.
        feed_id: The feed.
        tally: What is counted.
    """

    def __init__(self, connection: psycopg.Connection, feed_id: int, tally: Tally) -> None:
        """Create the tables."""
        self._connection = connection
        self._feed_id = feed_id
        self.tally = tally
        connection.execute(_TABLES)
        lowest, highest = connection.execute(
            "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM product"
        ).fetchone() or (0, 0)
        connection.commit()
        self.marks = Marks(lowest, highest)

    def stores(self, rows: Iterable[StoreRow | Rejection]) -> frozenset[str]:
        """Copy the feed's stores; return the ids of those that can be taken."""
        found: dict[str, StoreRow] = {}
        for row in rows:
            if isinstance(row, Rejection):
                self.tally.reject(row)
            elif row.external_id in found:
                self.tally.reject_double(row.external_id)
            else:
                found[row.external_id] = row
        with self._connection.cursor().copy("COPY stage_store FROM STDIN") as copy:
            for row in found.values():
                copy.write_row((*row, None))
        self._connection.commit()
        return frozenset(found)

    def products(
        self, pages: Iterable[list[Any]], reader: ProductReader, *, same_mapping: bool
    ) -> None:
        """Take every page; with `same_mapping` a record that is known byte by byte is not read."""
        batch: list[Any] = []
        for records in pages:
            batch += records
            while len(batch) >= BATCH:
                self._take(batch[:BATCH], reader, same_mapping=same_mapping)
                del batch[:BATCH]
        if batch:
            self._take(batch, reader, same_mapping=same_mapping)

    def _take(self, records: list[Any], reader: ProductReader, *, same_mapping: bool) -> None:
        self.tally.seen += len(records)
        named = self._named(records, reader)
        known = self._known(list(named))
        staged: list[tuple[Any, ...]] = []
        for name, record in named.items():
            before = known.get(name)
            if before is not None and not self.marks.add(before.product_id):
                self.tally.reject_double(name, record_text(record))
                continue
            row = _compared(record, before, reader, same_mapping=same_mapping)
            if row is None:
                self.tally.unchanged += 1
            elif isinstance(row, Rejection):
                self.tally.reject(row)
            else:
                staged.append(row)
        if staged:
            with self._connection.cursor().copy("COPY stage FROM STDIN") as copy:
                for row in staged:
                    copy.write_row(row)
        self._connection.commit()

    def _named(self, records: list[Any], reader: ProductReader) -> dict[str, Any]:
        """Return the records by external id; reject those without one and doubled ones."""
        named: dict[str, Any] = {}
        for record in records:
            name = reader.known_as(record)
            if name is None:
                row = reader.read(record)
                if isinstance(row, Rejection):
                    self.tally.reject(row)
            elif name in named:
                self.tally.reject_double(name, record_text(record))
            else:
                named[name] = record
        return named

    def _known(self, names: list[str]) -> dict[str, _Known]:
        rows = self._connection.execute(_KNOWN, (self._feed_id, names), binary=True).fetchall()
        return {row[0]: _Known(*row[1:]) for row in rows}
