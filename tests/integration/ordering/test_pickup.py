"""Picking a part of an order up at a store: what is offered, what is refused, what is kept."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.errors import BadInput
from app.models.accounts import Address
from app.models.catalogue import Store
from app.models.columns import now, stored
from app.models.feeds import Feed
from app.models.ordering import MailboxMessage, Order
from app.services import ordering
from app.views.ordering import AddressForm
from app.views.pickup import NO_PICKUP
from app.views.stores import Point
from app.work import open_work, within
from tests.factories.ordering import ADDRESS, a_basket_line, a_viewer, some_products
from tests.factories.stores import a_store, put_on_shelf

if TYPE_CHECKING:
    from app.models.catalogue import Product
    from app.views.accounts import Viewer
    from app.views.ordering import DispatchView, OrderView
    from app.views.pickup import PickupChoice
    from app.work import Work
    from tests.integration.ordering.conftest import Drain

NOWHERE = AddressForm("", "", "", "", "")
OULU = Point(65.01, 25.47)
HOURS = {"mon": "9-18", "tue": "9-18", "wed": "9-18", "sat": "10-15", "sun": "closed"}


@pytest.fixture
def buyer(work: Work) -> Viewer:
    return a_viewer(work.session)


@pytest.fixture
def products(work: Work, buyer: Viewer) -> list[Product]:
    """Return two products of each of two suppliers, three pieces of each in the basket."""
    found = some_products(work.session, 2, each=2)
    for product in found:
        a_basket_line(work.session, buyer, product, 3)
    return found


def a_store_with(work: Work, products: list[Product], name: str = "Oulu", **given: Any) -> Store:
    """Write a store of the supplier of `products` that has five pieces of each."""
    feed = work.session.get_one(Feed, products[0].feed_id)
    store = a_store(
        work.session,
        feed,
        name,
        **{"street": "Kaarnatie 8", "postcode": "90530", "city": "Oulu", "country": "FI", **given},
    )
    for product in products:
        put_on_shelf(work.session, product, store, 5)
    return store


def place(
    work: Work, buyer: Viewer, *stores: Store, contact: str = "Ada", **given: Any
) -> OrderView:
    """Order the basket, picking up at `stores` what is their supplier's."""
    placed = ordering.place_order(
        work,
        buyer=buyer,
        request_key=given.pop("request_key", uuid4()),
        ship_to=given.pop("ship_to", ADDRESS),
        pickups={store.supplier_id: stored(store.id) for store in stores}
        | given.pop("pickups", {}),
        contact=contact,
    )
    work.write_added()
    return ordering.order(work, viewer=buyer, number=placed.number)


def parts(order: OrderView) -> tuple[DispatchView, DispatchView]:
    first, second = order.dispatches
    return first, second


def choices(work: Work, buyer: Viewer, product: Product, near: Point | None) -> list[PickupChoice]:
    return list(
        ordering.pickup_choices(
            work, person_id=buyer.person_id, supplier_id=product.supplier_id, near=near
        )
    )


def test_one_part_is_picked_up_and_the_other_delivered(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    store = a_store_with(work, products[:2], opening_hours=HOURS)
    order = place(work, buyer, store)
    picked_up, delivered = parts(order)
    assert picked_up.pickup.store_id == store.id
    assert (picked_up.pickup.name, picked_up.pickup.number) == ("Oulu", "Oulu")
    assert picked_up.pickup.address == ("Kaarnatie 8", "90530 Oulu", "Finland")
    assert picked_up.pickup.hours == "Mon–Wed 9-18, Thu–Fri closed, Sat 10-15, Sun closed"  # noqa: RUF001 - a dash
    assert picked_up.pickup.directions.endswith("destination=65.01%2C25.47")
    assert delivered.pickup == NO_PICKUP
    assert order.ship_to.city == "Oulu"


def test_the_order_keeps_the_store_as_it_was(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    store = a_store_with(work, products[:2], opening_hours=HOURS)
    number = place(work, buyer, store).number
    store.name, store.street, store.opening_hours = "Gone", "Elsewhere 1", {}
    store.withdrawn_at = now()
    work.session.flush()
    kept = parts(ordering.order(work, viewer=buyer, number=number))[0].pickup
    assert (kept.name, kept.address[0]) == ("Oulu", "Kaarnatie 8")
    assert kept.hours


def test_where_all_is_picked_up_nobody_asks_for_an_address_but_whom_to_ask(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    stores = [a_store_with(work, products[:2]), a_store_with(work, products[2:], "Kempele")]
    with pytest.raises(BadInput, match="whom the stores") as refused:
        place(work, buyer, *stores, ship_to=NOWHERE, contact=" ")
    assert refused.value.field == "contact"
    order = place(work, buyer, *stores, ship_to=NOWHERE)
    assert order.ship_to.recipient == ""
    assert [part.pickup.name for part in order.dispatches] == ["Oulu", "Kempele"]
    assert work.session.scalar(select(func.count()).select_from(Address)) == 0


def test_a_bad_address_is_still_refused_while_a_part_is_delivered(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    store = a_store_with(work, products[:2])
    with pytest.raises(BadInput, match="Choose the country"):
        place(work, buyer, store, ship_to=NOWHERE)


def withdrawn(store: Store, _work: Work) -> None:
    store.withdrawn_at = now()


def sold_out(store: Store, work: Work) -> None:
    work.session.connection().exec_driver_sql(
        "UPDATE store_stock SET stock = 2 WHERE store_id = %s", (store.id,)
    )


def not_carried(store: Store, work: Work) -> None:
    work.session.connection().exec_driver_sql(
        "DELETE FROM store_stock WHERE store_id = %s", (store.id,)
    )


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        (withdrawn, "Oulu is not there any more"),
        (sold_out, "Oulu has only 2 of Screwdriver 1.1"),
        (not_carried, "Oulu has no Screwdriver 1.1"),
    ],
)
def test_what_happened_to_the_store_meanwhile_is_said_beside_the_choice(
    work: Work, buyer: Viewer, products: list[Product], happens: Any, sentence: str
) -> None:
    store = a_store_with(work, products[:2])
    happens(store, work)
    work.session.flush()
    with pytest.raises(BadInput, match=sentence) as refused:
        place(work, buyer, store)
    assert refused.value.field == f"pickup-{store.supplier_id}"
    assert work.session.scalar(select(func.count()).select_from(Order)) == 0
    assert work.session.scalar(select(func.count()).select_from(Address)) == 0
    assert ordering.basket_count(work, person_id=buyer.person_id) == 4


@pytest.mark.parametrize("store_id", [0, -1, 2**31, 2**63, 10**30, 999_999])
def test_a_store_that_never_was_is_refused(
    work: Work, buyer: Viewer, products: list[Product], store_id: int
) -> None:
    with pytest.raises(BadInput, match="no such store"):
        place(work, buyer, pickups={products[0].supplier_id: store_id})


def test_a_store_of_another_supplier_is_refused(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    theirs = a_store_with(work, products[2:])
    with pytest.raises(BadInput, match="no such store") as refused:
        place(work, buyer, pickups={products[0].supplier_id: stored(theirs.id)})
    assert refused.value.field == f"pickup-{products[0].supplier_id}"


def test_a_store_of_somebody_the_basket_has_nothing_of_means_nothing(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    store = a_store_with(work, products[2:])
    for product in products[2:]:
        ordering.remove(work, person_id=buyer.person_id, product_id=stored(product.id))
    order = place(work, buyer, store)
    assert [part.pickup for part in order.dispatches] == [NO_PICKUP]


def test_the_same_request_is_the_same_order_though_the_store_has_gone(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    store, key = a_store_with(work, products[:2]), uuid4()
    first = place(work, buyer, store, request_key=key)
    store.withdrawn_at = now()
    work.session.flush()
    again = place(work, buyer, store, request_key=key)
    assert again.number == first.number
    assert parts(again)[0].pickup == parts(first)[0].pickup


def test_stores_that_have_everything_come_first_and_others_say_what_they_lack(
    work: Work, buyer: Viewer, products: list[Product]
) -> None:
    far = a_store_with(work, products[:2], "Helsinki", latitude=60.17, longitude=24.94)
    near = a_store_with(work, products[:2], "Kempele", latitude=64.91, longitude=25.5)
    half = a_store_with(work, products[:1], "Oulu")
    feed = work.session.get_one(Feed, products[0].feed_id)
    bare = a_store(work.session, feed, "Empty shelves", latitude=65.1)
    a_store_with(work, products[2:], "Of another supplier")
    a_store_with(work, products[:2], "Gone", withdrawn_at=now())
    nowhere = a_store_with(work, products[:2], "Nowhere", latitude=None, longitude=None)
    found = choices(work, buyer, products[0], OULU)
    assert [one.store_id for one in found] == [near.id, far.id, half.id, bare.id]
    assert [one.lacks for one in found] == [
        "",
        "",
        "Not enough of Screwdriver 1.2",
        "Not enough of Screwdriver 1.1 and 1 more",
    ]
    assert [one.distance for one in found] == [
        "11\u00a0km",
        "539\u00a0km",
        "0\u00a0m",
        "10\u00a0km",
    ]
    assert found[0].address == "Kaarnatie 8, 90530 Oulu"
    by_town = choices(work, buyer, products[0], None)
    assert {one.store_id for one in by_town if not one.lacks} == {near.id, far.id, nowhere.id}
    assert {one.distance for one in by_town} == {""}


def test_the_basket_says_who_has_stores(work: Work, buyer: Viewer, products: list[Product]) -> None:
    a_store_with(work, products[:2])
    a_store_with(work, products[2:], withdrawn_at=now())
    shown = ordering.basket(work, person_id=buyer.person_id)
    assert [(part.supplier, part.has_stores) for part in shown.parts] == [
        ("Supplier 1", True),
        ("Supplier 2", False),
    ]


def test_the_mails_say_where_each_part_goes(drain: Drain) -> None:
    evil = "Oulu <b>& Co</b>"
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, 2)
        for product in products:
            a_basket_line(work.session, buyer, product)
        store = a_store_with(work, products[:1], evil, external_id="V06", opening_hours=HOURS)
        pickups = {store.supplier_id: stored(store.id)}
    placed = within(
        ordering.place_order,
        buyer=buyer,
        request_key=uuid4(),
        ship_to=ADDRESS,
        pickups=pickups,
        contact="Ada",
    )
    drain()
    with open_work(read_only=True) as work:
        mails = {row.recipient: row for row in work.session.scalars(select(MailboxMessage))}
        work.session.expunge_all()
        shown = ordering.order(work, viewer=buyer, number=placed.number)
    assert shown.state == "completed"
    to_store, to_door = mails["orders@supplier1.example"], mails["orders@supplier2.example"]
    for text in (to_store.text, html.unescape(to_store.html)):
        assert f"ready for pickup at store {evil} (id V06)" in text
        assert "Kaarnatie 8" in text
        assert "Kauppakatu" not in text
    for text in (to_door.text, to_door.html):
        assert "deliver the following" in text
        assert "Kauppakatu 1" in text
        assert "Kaarnatie" not in text
    confirmation = mails[buyer.email]
    for text in (confirmation.text, html.unescape(confirmation.html)):
        assert "Pick up from Supplier 1" in text
        assert evil in text
        assert "Mon–Wed 9-18" in text  # noqa: RUF001 - a dash
        assert "Ship the rest to" in text
        assert "Kauppakatu 1" in text
    for mail in (to_store, confirmation):
        assert "<b>&" not in mail.html


def test_a_mail_of_an_order_that_is_all_picked_up_names_no_address(drain: Drain) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session)
        a_basket_line(work.session, buyer, products[0])
        store = a_store_with(work, products)
        pickups = {store.supplier_id: stored(store.id)}
    within(
        ordering.place_order,
        buyer=buyer,
        request_key=uuid4(),
        ship_to=ADDRESS,
        pickups=pickups,
        contact="Ada",
    )
    drain()
    with open_work(read_only=True) as work:
        texts = work.session.scalars(select(col(MailboxMessage.text))).all()
    assert len(texts) == 2
    for text in texts:
        assert "Kaarnatie 8" in text
        assert "Ship" not in text
        assert "Kauppakatu" not in text
