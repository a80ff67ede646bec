"""The basket: what may be put in, what is shown, what changed meanwhile."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.errors import BadInput, Conflict, NotFound
from app.models.columns import now, stored
from app.services import ordering
from app.services.ordering.baskets import MOST_LINES, MOST_PIECES
from app.work import Work
from tests.factories.catalogue import a_feed, a_product
from tests.factories.ordering import (
    ADDRESS,
    a_basket_line,
    a_viewer,
    change_price,
    some_products,
)


def test_groups_lines_by_supplier_and_currency(work: Work) -> None:
    buyer = a_viewer(work.session)
    first, second = some_products(work.session, 2)
    dollars = a_product(
        work.session,
        a_feed(work.session, name="more"),
        "Hammer",
        price_minor=250,
        currency="USD",
    )
    for product, quantity in ((first, 2), (second, 1), (dollars, 4)):
        ordering.add_to_basket(
            work,
            person_id=buyer.person_id,
            product_id=stored(product.id),
            quantity=quantity,
        )
    shown = ordering.basket(work, person_id=buyer.person_id, locale="en")
    assert [(group.currency, group.subtotal) for group in shown.groups] == [
        ("USD", "$10.00"),
        ("EUR", "€20.00"),
        ("EUR", "€10.00"),
    ]
    assert shown.can_order
    assert ordering.basket_count(work, person_id=buyer.person_id) == 3


def test_adding_twice_is_one_line(work: Work) -> None:
    buyer = a_viewer(work.session)
    product_id = stored(some_products(work.session)[0].id)
    for _ in range(2):
        count = ordering.add_to_basket(
            work, person_id=buyer.person_id, product_id=product_id, quantity=3
        )
        assert count == 1
    shown = ordering.basket(work, person_id=buyer.person_id)
    assert shown.groups[0].lines[0].quantity == 6


@pytest.mark.parametrize("quantity", [0, -1, MOST_PIECES + 1, 10**30])
def test_refuses_a_quantity_beyond_the_limits(work: Work, quantity: int) -> None:
    buyer = a_viewer(work.session)
    product_id = stored(some_products(work.session)[0].id)
    with pytest.raises(BadInput, match="between 1 and 9,999"):
        ordering.add_to_basket(
            work, person_id=buyer.person_id, product_id=product_id, quantity=quantity
        )
    ordering.add_to_basket(work, person_id=buyer.person_id, product_id=product_id)
    with pytest.raises(BadInput, match="between 1 and 9,999"):
        ordering.set_quantity(
            work, person_id=buyer.person_id, product_id=product_id, quantity=quantity
        )


def test_adding_up_does_not_pass_the_limit(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    a_basket_line(work.session, buyer, product, MOST_PIECES)
    with pytest.raises(BadInput):
        ordering.add_to_basket(work, person_id=buyer.person_id, product_id=stored(product.id))


def test_refuses_a_line_too_many(work: Work) -> None:
    buyer = a_viewer(work.session)
    products = some_products(work.session, each=MOST_LINES + 1)
    for product in products[:-1]:
        a_basket_line(work.session, buyer, product)
    with pytest.raises(BadInput, match="full with 200"):
        ordering.add_to_basket(work, person_id=buyer.person_id, product_id=stored(products[-1].id))


@pytest.mark.parametrize("product_id", [0, -5, 4711, 2**63, 10**40])
def test_refuses_what_is_no_product(work: Work, product_id: int) -> None:
    buyer = a_viewer(work.session)
    with pytest.raises(NotFound):
        ordering.add_to_basket(work, person_id=buyer.person_id, product_id=product_id)
    with pytest.raises(NotFound):
        ordering.set_quantity(work, person_id=buyer.person_id, product_id=product_id, quantity=1)


def test_refuses_a_withdrawn_product_and_marks_one_in_the_basket(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    a_basket_line(work.session, buyer, product)
    product.withdrawn_at = now()
    work.session.flush()
    with pytest.raises(NotFound, match="not offer"):
        ordering.add_to_basket(work, person_id=buyer.person_id, product_id=stored(product.id))
    shown = ordering.basket(work, person_id=buyer.person_id)
    assert shown.groups[0].lines[0].withdrawn
    assert not shown.can_order
    ordering.remove(work, person_id=buyer.person_id, product_id=stored(product.id))
    assert ordering.basket_count(work, person_id=buyer.person_id) == 0


def test_a_changed_price_is_shown_and_has_to_be_accepted(work: Work) -> None:
    buyer = a_viewer(work.session)
    product = some_products(work.session)[0]
    product_id = stored(product.id)
    ordering.add_to_basket(work, person_id=buyer.person_id, product_id=product_id)
    change_price(work.session, product, 1250)
    line = ordering.basket(work, person_id=buyer.person_id, locale="de").groups[0].lines[0]
    assert (line.old_price, line.price) == ("10,00\xa0€", "12,50\xa0€")
    with pytest.raises(Conflict, match="has changed"):
        ordering.place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS)
    change_price(work.session, product, 1300)
    with pytest.raises(BadInput, match="changed again"):
        ordering.accept_price(
            work, person_id=buyer.person_id, product_id=product_id, price_minor=1250
        )
    ordering.accept_prices(work, person_id=buyer.person_id, shown=[(product_id, 1300)])
    assert ordering.basket(work, person_id=buyer.person_id).can_order


def test_baskets_are_apart(work: Work) -> None:
    mine, yours = a_viewer(work.session), a_viewer(work.session)
    product = some_products(work.session)[0]
    a_basket_line(work.session, yours, product)
    assert ordering.basket(work, person_id=mine.person_id).lines == 0
    ordering.remove(work, person_id=mine.person_id, product_id=stored(product.id))
    assert ordering.basket_count(work, person_id=yours.person_id) == 1


def test_stock_that_does_not_suffice_is_said(work: Work) -> None:
    buyer = a_viewer(work.session)
    few, none = some_products(work.session, each=2)
    few.stock, none.stock = 2, 0
    a_basket_line(work.session, buyer, few, 3)
    a_basket_line(work.session, buyer, none)
    lines = {
        line.product_id: line
        for line in ordering.basket(work, person_id=buyer.person_id).groups[0].lines
    }
    assert lines[stored(few.id)].problem == "Only 2 in stock."
    assert lines[stored(none.id)].out_of_stock
