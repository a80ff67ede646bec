"""What the page of a past day says: which day, who says what, and where each product leads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.views.catalogue import FacetOption, Facets, Listing, ProductSummary, SearchResult
from app.views.catalogue_query import CatalogueQuery
from app.views.day_text import cards_of_day, day_text
from app.views.days import past_day
from app.views.past import CatalogueOfDay, HeldPrice
from tests.factories.snapshots import a_snapshot

DAY = date(2026, 11, 19)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
NOTHING = Facets(
    total=1,
    exact=True,
    suppliers=(),
    trail=(),
    categories=(),
    brands=(),
    in_stock=FacetOption("", "", 0, exact=True, chosen=False),
    currency="",
    currencies=(),
    prices=(),
)
PRODUCT = ProductSummary(7, "Bottle", "", "Norda", 900, "EUR", None, SINCE, 3, "", ())


def found(*, history: int | None, snapshot: int | None) -> CatalogueOfDay:
    """Return a day with one product, priced by the history, by a snapshot, or by both."""
    listing = Listing((PRODUCT,), None, None, "", "")
    return CatalogueOfDay(
        day=DAY,
        query=CatalogueQuery(),
        result=SearchResult(listing, NOTHING, None),
        snapshot=a_snapshot(UUID(int=1)) if snapshot is not None else None,
        by_history={} if history is None else {7: HeldPrice(history, "EUR", SINCE)},
        by_snapshot={} if snapshot is None else {7: HeldPrice(snapshot, "EUR", SINCE)},
        remarks=(),
    )


@pytest.mark.parametrize(
    ("history", "snapshot", "mark"),
    [
        (900, 900, "By the price history"),
        (900, None, "By the price history"),
        (900, 950, "By the price history; snapshot: €9.50"),
        (None, 950, "By the snapshot"),
    ],
)
def test_each_price_names_its_source(history: int | None, snapshot: int | None, mark: str) -> None:
    [card] = cards_of_day(found(history=history, snapshot=snapshot), "en")
    assert (card.mark, card.href) == (mark, "/product/7?as_of=2026-11-19")
    # Without a snapshot nobody knows the stock.
    assert bool(card.stock) == (snapshot is not None)


def test_it_says_when_the_nearest_snapshot_was_taken() -> None:
    said = day_text(found(history=900, snapshot=900), "en")
    assert (said.title, said.is_later) == ("Nov 19, 2026", True)
    assert (said.snapshot_at, said.snapshot_href) == (
        "2026-11-20T00:00:00+00:00",
        f"/snapshots/{UUID(int=1)}",
    )
    assert day_text(found(history=900, snapshot=None), "en").snapshot_href == ""


@pytest.mark.parametrize("word", ["", "0202-11-20", "1999-12-31", "2026-02-30", "x", "9999-12-31"])
def test_what_is_no_day_to_look_back_to(word: str) -> None:
    assert past_day(word) is None


def test_the_days_to_look_back_to_end_today() -> None:
    today = datetime.now(UTC).date()
    assert past_day("2000-01-01") == date(2000, 1, 1)
    assert past_day(today.isoformat()) == today
    assert past_day((today + timedelta(days=3)).isoformat()) is None
