"""Placing an order: all of it or nothing, once per request."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.errors import AppError, BadInput, Conflict, NotAllowed, NotFound
from app.models.accounts import Address
from app.models.catalogue import PricePoint
from app.models.columns import now, stored
from app.models.operations import DomainEventRow, Job
from app.models.ordering import Dispatch, Order, OrderLine
from app.services import ordering
from app.views.accounts import Viewer
from app.views.ordering import AddressForm
from app.work import Work, open_work, within
from tests.factories.ordering import (
    ADDRESS,
    a_basket_line,
    a_viewer,
    an_operator,
    an_order,
    change_price,
    some_products,
)


def test_writes_everything_in_one_transaction(work: Work) -> None:
    buyer = a_viewer(work.session)
    products = some_products(work.session, 2, each=2)
    change_price(work.session, products[0], 1500)
    number = an_order(
        work, buyer, products, contact="Gate 3", reference="PO-7", note="Ring\nthe bell"
    )
    work.write_added()
    shown = ordering.order(work, viewer=buyer, number=number)
    assert shown.state == "pending"
    assert shown.can_cancel
    assert (shown.contact, shown.reference, shown.note) == ("Gate 3", "PO-7", "Ring\nthe bell")
    assert [len(dispatch.lines) for dispatch in shown.dispatches] == [2, 2]
    assert shown.totals == ("€45.00",)
    assert shown.ship_to.country_name == "Finland"
    assert [entry.kind for entry in shown.timeline] == ["order.placed"]
    names = list(work.session.scalars(select(col(Job.name)).order_by(col(Job.name))))
    assert names == ["jobs.mail.send_confirmation"] + 2 * ["jobs.mail.send_dispatch"]
    events = work.session.scalars(select(col(DomainEventRow.name))).all()
    assert events == ["order.placed"]
    assert ordering.basket_count(work, person_id=buyer.person_id) == 0


def test_pins_the_price_and_the_price_point_that_proves_it(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    change_price(work.session, product, 990)
    an_order(work, buyer, [product])
    change_price(work.session, product, 2000)
    line = work.session.scalars(select(OrderLine)).one()
    point = work.session.get_one(PricePoint, line.price_point_id)
    assert (line.price_minor, point.price_minor, point.product_id) == (990, 990, product.id)


def test_a_price_without_proof_is_not_ordered(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    product.price_minor = 1
    a_basket_line(work.session, buyer, product)
    with pytest.raises(Conflict, match="not proven"):
        ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS)


def test_the_same_request_key_is_the_same_order(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    key = uuid4()
    a_basket_line(work.session, buyer, product)
    first = ordering.place_order(work, buyer=buyer, request_key=key, ship_to=ADDRESS)
    again = ordering.place_order(work, buyer=buyer, request_key=key, ship_to=ADDRESS)
    assert (again.number, again.replayed, first.replayed) == (first.number, True, False)
    a_basket_line(work.session, buyer, product)
    replayed = ordering.place_order(work, buyer=buyer, request_key=key, ship_to=ADDRESS)
    assert replayed.number == first.number
    assert ordering.basket_count(work, person_id=buyer.person_id) == 1


def test_a_request_key_belongs_to_its_buyer(work: Work) -> None:
    mine, yours = a_viewer(work.session), a_viewer(work.session)
    product = some_products(work.session)[0]
    key = uuid4()
    numbers: set[int] = set()
    for viewer in (mine, yours):
        a_basket_line(work.session, viewer, product)
        placed = ordering.place_order(work, buyer=viewer, request_key=key, ship_to=ADDRESS)
        numbers.add(placed.number)
    assert len(numbers) == 2


@pytest.mark.usefixtures("database")
def test_two_clicks_at_once_are_one_order() -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        a_basket_line(work.session, buyer, some_products(work.session)[0])
    key, start = uuid4(), threading.Barrier(4)
    numbers: list[int] = []

    def click() -> None:
        start.wait()
        placed = within(ordering.place_order, buyer=buyer, request_key=key, ship_to=ADDRESS)
        numbers.append(placed.number)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 4
    assert len(set(numbers)) == 1
    with open_work(read_only=True) as work:
        assert work.session.scalar(select(func.count()).select_from(Order)) == 1
        assert work.session.scalar(select(func.count()).select_from(Dispatch)) == 1


@pytest.mark.usefixtures("database")
def test_one_basket_is_ordered_once_even_with_two_keys() -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        a_basket_line(work.session, buyer, some_products(work.session)[0])
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def click(key: UUID) -> None:
        start.wait()
        try:
            within(ordering.place_order, buyer=buyer, request_key=key, ship_to=ADDRESS)
        except AppError as problem:
            outcomes.append(problem.sentence)
        else:
            outcomes.append("placed")

    threads = [threading.Thread(target=click, args=(uuid4(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["The basket is empty.", "placed"]


def test_refuses_an_empty_basket(work: Work) -> None:
    buyer = a_viewer(work.session)
    with pytest.raises(BadInput, match="empty"):
        ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS)


def test_refuses_a_withdrawn_product(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    a_basket_line(work.session, buyer, product)
    product.withdrawn_at = now()
    with pytest.raises(Conflict, match="not offered"):
        ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS)


def test_refuses_somebody_who_may_not_order(work: Work) -> None:
    buyer = replace(a_viewer(work.session), permissions=frozenset())
    with pytest.raises(NotAllowed):
        ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("recipient", "  ", "Fill in the recipient"),
        ("street", "\x00\x07", "Fill in the street"),
        ("city", "", "Fill in the city"),
        ("country", "XX", "Choose the country"),
        ("country", "", "Choose the country"),
        ("street", "x" * 201, "at most 200"),
        ("postcode", "1" * 21, "at most 20"),
    ],
)
def test_a_bad_address_changes_nothing(work: Work, field: str, value: str, sentence: str) -> None:
    buyer = a_viewer(work.session)
    a_basket_line(work.session, buyer, some_products(work.session)[0])
    with pytest.raises(BadInput, match=sentence):
        ordering.place_order(
            work,
            buyer=buyer,
            request_key=uuid4(),
            ship_to=replace(ADDRESS, **{field: value}),
        )
    assert ordering.basket_count(work, person_id=buyer.person_id) == 1
    assert not ordering.addresses(work, person_id=buyer.person_id)


@pytest.mark.parametrize(("field", "limit"), [("contact", 200), ("reference", 80), ("note", 2000)])
def test_texts_have_limits(work: Work, field: str, limit: int) -> None:
    buyer = a_viewer(work.session)
    a_basket_line(work.session, buyer, some_products(work.session)[0])
    too_long: dict[str, Any] = {field: "x" * (limit + 1)}
    with pytest.raises(BadInput, match=f"at most {limit:,}"):
        ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS, **too_long)


def test_controls_are_taken_out_of_texts(work: Work) -> None:
    buyer = a_viewer(work.session)
    number = an_order(
        work,
        buyer,
        some_products(work.session),
        reference="PO 7\r\nBcc: everybody@example.com\x00",
        note="one\r\ntwo\x1b[31m\u202ethree",
    )
    shown = ordering.order(work, viewer=buyer, number=number)
    assert shown.reference == "PO 7 Bcc: everybody@example.com"
    assert shown.note == "one\ntwo[31mthree"


def test_an_address_is_saved_once_and_can_be_chosen(work: Work) -> None:
    buyer, other = a_viewer(work.session), a_viewer(work.session)
    product = some_products(work.session)[0]
    an_order(work, buyer, [product])
    an_order(work, buyer, [product])
    (saved,) = ordering.addresses(work, person_id=buyer.person_id, locale="de")
    assert saved.country_name == "Finnland"
    for viewer in (buyer, other):
        a_basket_line(work.session, viewer, product)
    placed = ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=UUID(saved.id))
    assert ordering.order(work, viewer=buyer, number=placed.number).ship_to.city == "Oulu"
    with pytest.raises(NotFound):
        ordering.place_order(work, buyer=other, request_key=uuid4(), ship_to=UUID(saved.id))
    with pytest.raises(NotFound):
        ordering.remove_address(work, person_id=other.person_id, address_id=UUID(saved.id))
    ordering.remove_address(work, person_id=buyer.person_id, address_id=UUID(saved.id))
    work.session.flush()
    assert work.session.scalar(select(func.count()).select_from(Address)) == 0
    kept = ordering.order(work, viewer=buyer, number=placed.number).ship_to
    assert (
        AddressForm(kept.recipient, kept.street, kept.postcode, kept.city, kept.country) == ADDRESS
    )


def test_orders_are_seen_by_their_buyer_and_by_operators(work: Work) -> None:
    mine, yours, operator = (
        a_viewer(work.session),
        a_viewer(work.session),
        an_operator(work.session),
    )
    product = some_products(work.session)[0]
    number = an_order(work, mine, [product])
    with pytest.raises(NotFound, match=f"no order {number}"):
        ordering.order(work, viewer=yours, number=number)
    assert ordering.order(work, viewer=operator, number=number).buyer == mine.name
    assert not ordering.orders(work, viewer=yours).rows
    assert [row.number for row in ordering.orders(work, viewer=operator).rows] == [number]
    assert not ordering.orders(work, viewer=operator, only_own=True).rows
    for unknown in (0, -1, 2**63, 10**30):
        with pytest.raises(NotFound):
            ordering.order(work, viewer=mine, number=unknown)


def test_pages_of_orders_follow_each_other(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    numbers = [an_order(work, buyer, [product]) for _ in range(53)]
    first = ordering.orders(work, viewer=buyer)
    second = ordering.orders(work, viewer=buyer, before=first.next_before)
    seen = [row.number for row in (*first.rows, *second.rows)]
    assert seen == sorted(numbers, reverse=True)
    assert second.next_before is None
    assert {count.state: count.orders for count in first.counts} == {"pending": 53}
    assert not ordering.orders(work, viewer=buyer, state="failed").rows
    with pytest.raises(BadInput, match="no state"):
        ordering.orders(work, viewer=buyer, state="lost")


def test_a_viewer_is_who_the_order_belongs_to(work: Work) -> None:
    buyer: Viewer = a_viewer(work.session)
    number = an_order(work, buyer, some_products(work.session))
    row = work.session.scalars(select(Order).where(col(Order.number) == number)).one()
    assert row.buyer_id == buyer.person_id
    assert stored(row.id)
