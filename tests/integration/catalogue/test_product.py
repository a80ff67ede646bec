"""The page of one product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.errors import NotFound
from app.models.columns import now, stored
from app.services.catalogue import show_product
from tests.factories.catalogue import (
    a_category,
    a_feed,
    a_price,
    a_product,
    a_stocked_store,
    a_supplier,
)

if TYPE_CHECKING:
    from app.work import Work


def test_everything_about_a_product(work: Work) -> None:
    feed = a_feed(work.session)
    drills = a_category(work.session, "Tools", "Power tools", "Drills")
    drill = a_product(
        work.session,
        feed,
        "Cordless drill 18 V",
        sku="D-18",
        brand="Stahlfeld",
        category_id=drills.id,
        description="Drills holes.",
        pictures=["http://supplier.example/1.svg", "http://supplier.example/2.svg"],
        attributes={
            "weight_kg": 1.5,
            "colours": ["red", None, "black"],
            "empty": "",
            "nothing": None,
            "cordless": True,
            "size": {"width": 3, "depth": 4},
        },
    )
    a_stocked_store(work.session, drill, "Oulu", 2)
    a_stocked_store(work.session, drill, "Kuopio", 9)
    page = show_product(work, product_id=stored(drill.id))
    assert page.summary.name == "Cordless drill 18 V"
    assert (page.sku, page.summary.supplier) == ("D-18", "Norda Supply")
    assert [step.name for step in page.trail] == ["Tools", "Power tools", "Drills"]
    assert page.trail[-1].id == drills.id
    assert page.attributes == (
        ("Colours", "red, black"),
        ("Cordless", "Yes"),
        ("Size", "Depth 4, Width 3"),
        ("Weight kg", "1.5"),
    )
    assert page.has_stores
    assert len(set(page.pictures)) == 2
    assert page.pictures[0].startswith(f"/media/product/{drill.id}/0?v=")
    assert page.withdrawn_at is None


def test_the_lowest_price_counts_what_held_when_the_thirty_days_began(work: Work) -> None:
    feed = a_feed(work.session)
    lamp = a_product(work.session, feed, "Lamp", price_minor=900, price_since=now())
    a_price(work.session, lamp, 100, days_ago=80)
    a_price(work.session, lamp, 500, days_ago=40)
    a_price(work.session, lamp, 700, days_ago=10)
    page = show_product(work, product_id=stored(lamp.id))
    assert not page.has_stores
    # 100 was over before the thirty days began; 500 held until ten days ago.
    assert page.lowest_30_days == 500
    assert [step.price_minor for step in page.history] == [100, 500, 700, 900]


def test_a_history_in_another_currency_is_not_mixed_in(work: Work) -> None:
    lamp = a_product(work.session, a_feed(work.session), "Lamp", price_minor=900)
    lamp.currency = "SEK"
    work.session.flush()
    a_price(work.session, lamp, 9000, days_ago=1)
    assert [
        step.price_minor for step in show_product(work, product_id=stored(lamp.id)).history
    ] == [9000]


def test_similar_products_share_the_shelf_and_the_words(work: Work) -> None:
    feed = a_feed(work.session)
    shelf = a_category(work.session, "Tools", "Drills")
    other = a_category(work.session, "Kitchen")
    drill = a_product(work.session, feed, "Cordless drill 18 V", category_id=shelf.id)
    a_product(work.session, feed, "Drill stand", category_id=shelf.id)
    a_product(work.session, feed, "Cordless drill 12 V", category_id=shelf.id)
    a_product(work.session, feed, "Cordless drill 18 V cup", category_id=other.id)
    a_product(
        work.session, feed, "Cordless drill 18 V old", category_id=shelf.id, withdrawn_at=now()
    )
    similar = show_product(work, product_id=stored(drill.id)).similar
    assert [each.name for each in similar] == ["Cordless drill 12 V", "Drill stand"]


def test_a_product_without_category_still_has_a_page(work: Work) -> None:
    feed = a_feed(work.session)
    lamp = a_product(work.session, feed, "Desk lamp")
    a_product(work.session, feed, "Floor lamp")
    page = show_product(work, product_id=stored(lamp.id))
    assert page.trail == ()
    assert [each.name for each in page.similar] == ["Floor lamp"]


def test_a_withdrawn_product_is_still_shown(work: Work) -> None:
    gone = a_product(work.session, a_feed(work.session), "Gone", withdrawn_at=now())
    assert show_product(work, product_id=stored(gone.id)).withdrawn_at is not None


@pytest.mark.parametrize("product_id", [0, 4711, 2**62])
def test_an_unknown_product_is_not_found(work: Work, product_id: int) -> None:
    a_supplier(work.session)
    with pytest.raises(NotFound, match="no such product"):
        show_product(work, product_id=product_id)
