"""How pickup points are found among many stores: counted, not timed, so the same on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from app.models.catalogue import Product
from app.services.ordering import pickup_choices
from app.services.ordering.pickup import MOST_LOOKED_AT, MOST_OFFERED
from app.views.stores import Point
from app.work import open_work, reading
from tests.factories.database import empty_database, owners_work
from tests.factories.ordering import a_basket_line, a_viewer
from tests.factories.stores import fill_stores
from tests.plans import heard_of, nodes_of, plans_of

if TYPE_CHECKING:
    from uuid import UUID

STORES: Final = 20_000
LARGE: Final = frozenset({"store", "store_stock"})
LINES: Final = 2


@pytest.fixture(scope="module")
def basket(services: None) -> tuple[UUID, int]:  # noqa: ARG001 - where it is written
    """Return a person with a product in the basket that few stores have, and one that all have."""
    empty_database()
    with owners_work() as work:
        products = fill_stores(work.session, STORES)
    with open_work() as work:
        buyer = a_viewer(work.session)
        found = [work.session.get_one(Product, product_id) for product_id in products]
        for product in found:
            a_basket_line(work.session, buyer, product)
        return buyer.person_id, found[0].supplier_id


@pytest.mark.parametrize("near", [Point(50.0, 8.0), Point(-17.7, 178.1), None])
def test_as_many_stores_are_looked_at_however_many_there_are(
    basket: tuple[UUID, int], near: Point | None
) -> None:
    person_id, supplier_id = basket

    def asks() -> int:
        found = reading(pickup_choices, person_id=person_id, supplier_id=supplier_id, near=near)
        return len(found)

    assert asks() == MOST_OFFERED
    (plan,) = plans_of(heard_of(asks))
    for node in nodes_of(plan):
        assert node["Node Type"] != "Seq Scan" or node["Relation Name"] not in LARGE
        # A town may be begun that is not looked through to its end.
        assert node["Actual Rows"] * node["Actual Loops"] <= 2 * LINES * MOST_LOOKED_AT
