"""Choosing a store over a real websocket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.errors import Unavailable
from app.models.feeds import Feed
from app.services import ordering
from app.services.ordering import pickup_choices
from app.work import open_work
from state.pickup import PickupState
from tests.factories.ordering import a_basket_line, some_products
from tests.factories.stores import a_store
from tests.integration.accounts.socket_client import Tab
from tests.integration.live.test_pages import BASKET, a_browser

if TYPE_CHECKING:
    from redis import Redis
    from reflex import App

    from app.views.pickup import PickupChoice
    from app.work import Work

PICKUP = PickupState.get_full_name()


@pytest.fixture
def port(web: tuple[int, App], database: None, redis: Redis) -> int:  # noqa: ARG001 - empty ones
    """Return where the program listens."""
    return web[0]


def names(tab: Tab) -> list[str]:
    """Return the stores that are on offer."""
    choices = tab.var(PICKUP, "choices")
    return [choice["name"] for choice in choices] if isinstance(choices, list) else []


def test_stores_that_cannot_be_read_are_not_those_of_the_supplier_before(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, person = a_browser("ann")
    with open_work() as work:
        products = some_products(work.session, 2)
        for product in products:
            a_basket_line(work.session, person, product)
            feed = work.session.get_one(Feed, product.feed_id)
            a_store(work.session, feed, f"Store of {product.name}")
        first, second = (product.supplier_id for product in products)
        name = f"Store of {products[0].name}"

    def of_the_first(work: Work, **asked: Any) -> tuple[PickupChoice, ...]:
        if asked["supplier_id"] != first:
            raise Unavailable("The stores cannot be read.")
        return pickup_choices(work, **asked)

    monkeypatch.setattr(ordering, "pickup_choices", of_the_first)
    with Tab(port, str(uuid4()), cookie=cookie, path="/basket") as tab:
        tab.until(lambda: "Screwdriver 2" in str(tab.var(BASKET, "basket")))
        tab.send(f"{PICKUP}.open", supplier_id=first)
        tab.until(lambda: names(tab) == [name])
        tab.send(f"{PICKUP}.open", supplier_id=second)
        tab.until(lambda: tab.var(PICKUP, "problem") != "")
        assert names(tab) == []
        assert tab.var(PICKUP, "marks") == []
