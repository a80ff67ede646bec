"""What a sync holds in memory is a few batches, however long the feed is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

import pytest

from app import db
from app.integrations.feeds import ProductMapping, ProductReader
from app.services.feeds.staging import Marks, Staging, Tally
from tests.integration.feeds.conftest import MAPPING, a_record

BATCH = 100
PAGES = 40
# One is being compared, one looked up and one copied, and a page has just come.
MOST_BATCHES = 4


class Note(str):
    """A text that can be watched; nobody maps it."""

    __slots__ = ("__weakref__",)


class Watched:
    """Pages of records, with how many records were alive at most when the next was asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self.most = 0
        self._alive: WeakSet[Note] = WeakSet()

    def pages(self, *, price: int) -> Iterator[list[Any]]:
        """Yield pages of one batch each."""
        for page in range(PAGES):
            yield [self._record(page * BATCH + n, price) for n in range(BATCH)]
            self.most = max(self.most, len(self._alive))

    def _record(self, number: int, price: int) -> dict[str, Any]:
        note = Note(f"note {number}")
        self._alive.add(note)
        return a_record(number, note=note, price=price)


@pytest.mark.parametrize("known", [False, True])
def test_no_more_than_a_few_batches_are_held(
    feed_id: int, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    monkeypatch.setattr("app.services.feeds.staging.BATCH", BATCH)
    reader = ProductReader(ProductMapping.model_validate(MAPPING), base="http://127.0.0.1/")
    with db.raw_connection() as connection:
        connection.autocommit = False
        if known:
            connection.execute(
                """
                INSERT INTO product (
                    feed_id, supplier_id, external_id, name, description, price_minor, currency,
                    price_since, pictures, attributes, record_hash, created_at, changed_at
                )
                SELECT feed.id, supplier_id, n, 'as it was', '', 1, 'EUR', now(), '{}', '{}', '',
                    now(), now()
                FROM feed, generate_series(0, %s - 1) AS n WHERE feed.id = %s
                """,
                (PAGES * BATCH, feed_id),
            )
        staging = Staging(connection, feed_id, Tally())
        watched = Watched()
        staging.products(watched.pages(price=5), reader, same_mapping=True)
        assert watched.most <= MOST_BATCHES * BATCH
        staged = connection.execute("SELECT count(*), count(product_id) FROM stage").fetchone()
        assert staged == (PAGES * BATCH, PAGES * BATCH if known else 0)


def test_what_has_come_takes_one_bit_a_product() -> None:
    marks = Marks(1_000_000, 1_999_999)
    assert len(marks.bits) == 125_000
    assert marks.add(1_999_999)
    assert not marks.add(1_999_999)
    assert marks.add(1_000_000)
