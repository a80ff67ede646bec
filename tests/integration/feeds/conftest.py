"""A feed of a supplier that a test has in its hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.integrations.feeds import Limits
from app.services.feeds import pull_feed, register_feed, request_sync
from app.views.feeds import SyncRunView
from app.work import within
from tests.suppliers import Supplier, offset_pages

MAPPING = {
    "records": "products",
    "name": "title",
    "currency": "'EUR'",
    "pictures": "images",
    "attributes": "properties",
}
# Few tries and hardly a pause between them. Each may take its time: a test that holds an answer
# back, or a busy machine, is no supplier that does not answer.
HASTY = Limits(attempts=3, connect=60.0, read=120.0, total=240.0, first_pause=0.01, in_flight=3)

Sync = Callable[..., SyncRunView]


def a_record(number: int, **given: Any) -> dict[str, Any]:
    """Return a record of the supplier."""
    return {
        "id": number,
        "title": f"Screwdriver PH{number}",
        "description": "A screwdriver.",
        "brand": "Rautio",
        "sku": f"SKU-{number}",
        "category": ["Tools", "Screwdrivers"],
        "price": 10 + number / 100,
        "stock": number,
        "images": [f"pictures/{number}.svg"],
        "properties": {"Tip": f"PH{number}"},
        **given,
    }


@pytest.fixture
def records() -> list[Any]:
    """Return what the supplier sells; a test may change it."""
    return [a_record(number) for number in range(100)]


@pytest.fixture
def supplier(records: list[Any]) -> Iterator[Supplier]:
    """Serve `records` by `skip` and `limit`."""
    with Supplier(offset_pages(records)).serving() as serving:
        yield serving


@pytest.fixture
def feed_id(database: None, supplier: Supplier) -> int:  # noqa: ARG001 - an empty database
    """Register the supplier's feed, seven records a page."""
    return register(supplier.url + "/products")


def register(url: str, name: str = "tools", **given: Any) -> int:
    """Register a feed with the mapping of these tests."""
    return within(
        register_feed,
        **{
            "name": name,
            "supplier": "Verkko Tools",
            "order_email": "orders@verkko.example",
            "url": url,
            "mapping": MAPPING,
            "paging": {"style": "offset", "size": 7},
            **given,
        },
    )


def pull(feed_id: int, limits: Limits = HASTY) -> SyncRunView:
    """Sync a feed now and return how that ended."""
    asked = within(request_sync, feed_id=feed_id, queued=False)
    return pull_feed(run_id=asked.id, limits=limits)
