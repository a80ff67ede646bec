"""Staging: what a feed says is compared with what is known, and only what differs is copied.

Each batch of records is looked up by external id. A record whose hash is the stored one is done
with, unread; its product is marked as still there. Everything else is read through the mapping and
copied into a temporary table. While one batch is compared, the database looks up the next and takes
the last, and makes what is searched of new products as they are copied. Memory holds these three
batches and one bit for each product id.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from app.integrations.feeds import Rejection, StoreRow, record_text
from app.services.feeds import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    import psycopg

    from app.integrations.feeds import ProductReader

BATCH = 2_000
MOST_KEPT_REJECTIONS = 1_000
DUPLICATE = "external_id: an earlier record of this feed has the same one."


class _Known(NamedTuple):
    """What is stored of a product, as `statements.KNOWN` returns it."""

    external_id: str
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


def _batches(pages: Iterable[list[Any]]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for records in pages:
        batch += records
        while len(batch) >= BATCH:
            yield batch[:BATCH]
            del batch[:BATCH]
    if batch:
        yield batch


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
    staged: int = 0
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
        connection.execute(statements.TABLES)
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
        # The one thread that uses the connection meanwhile.
        with ThreadPoolExecutor(1, thread_name_prefix="feed-database") as database:
            copied: Future[None] | None = None
            for named, known in self._looked_up(pages, reader, database):
                staged = [*self._differing(named, known, reader, same_mapping=same_mapping)]
                if copied:
                    copied.result()
                copied = database.submit(self._copy, staged)
            if copied:
                copied.result()

    def _looked_up(
        self, pages: Iterable[list[Any]], reader: ProductReader, database: ThreadPoolExecutor
    ) -> Iterator[tuple[dict[str, Any], dict[str, _Known]]]:
        """Yield the records of each batch with what is known of them, one look-up ahead."""
        before: tuple[dict[str, Any], Future[dict[str, _Known]]] | None = None
        for records in _batches(pages):
            self.tally.seen += len(records)
            named = self._named(records, reader)
            asked = database.submit(self._known, list(named))
            if before:
                yield before[0], before[1].result()
            before = named, asked
        if before:
            yield before[0], before[1].result()

    def _differing(
        self,
        named: dict[str, Any],
        known: dict[str, _Known],
        reader: ProductReader,
        *,
        same_mapping: bool,
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows to stage; count the other records."""
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
                self.tally.staged += 1
                yield row

    def _copy(self, staged: list[tuple[Any, ...]]) -> None:
        if not staged:
            return
        with self._connection.cursor().copy(statements.COPY) as copy:
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
        rows = self._connection.execute(
            statements.KNOWN, (self._feed_id, names), binary=True
        ).fetchall()
        self._connection.commit()
        return {row[0]: _Known._make(row) for row in rows}
