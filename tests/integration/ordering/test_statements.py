"""How many statements an order costs: what grows here makes every order slower."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import event

from app import db
from app.models.operations import Queue
from app.services import ordering
from app.work import open_work, within
from jobs.declared import MANY
from jobs.relay import hand_over
from tests.factories.ordering import ADDRESS, a_basket_line, a_viewer, some_products
from tests.integration.ordering.conftest import work_off
from tests.integration.ordering.looking import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.models.catalogue import Product
    from app.views.accounts import Viewer

SUPPLIERS = 2
# With the commits, for orders to two suppliers; these may sink and have to be lowered then. The
# relay asks once for each queue, writes once and commits.
PLACING, RELAYING, MAILING, RECORDING = 13, len(Queue) + 2, 29, 11


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the list that every statement in the block is added to; a commit is one, too.

    A statement that is run for many rows is one: it goes to the database and back once.
    """
    said: list[str] = []

    def statement(*given: object) -> None:
        said.append(str(given[2]))

    def commit(_connection: object) -> None:
        said.append("COMMIT")

    engine = db.engine()
    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def without_the_mailbox(said: list[str]) -> list[str]:
    """Leave out what the mailbox costs per mail, which stands in for an outside service."""
    kept: list[str] = []
    for statement in said:
        if statement == "COMMIT" and kept and "INTO mailbox_message" in kept[-1]:
            kept.pop()
        else:
            kept.append(statement)
    return kept


def order(buyer: Viewer, products: list[Product]) -> int:
    with open_work() as work:
        for product in products:
            a_basket_line(work.session, buyer, product)
    return within(ordering.place_order, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS).number


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize("lines", [1, 40])
def test_placing_costs_as_many_statements_however_long_the_order_is(lines: int) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, SUPPLIERS, each=lines)
        for product in products:
            a_basket_line(work.session, buyer, product)
    with counted() as placing:
        within(ordering.place_order, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS)
    assert placing.count("COMMIT") == 1
    assert len(placing) <= PLACING


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize(("orders", "lines"), [(1, 1), (1, 40), (MANY // SUPPLIERS, 1)])
def test_carrying_out_costs_as_many_statements_however_many_orders(orders: int, lines: int) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, SUPPLIERS, each=lines)
    numbers = [order(buyer, products) for _ in range(orders)]
    with counted() as relaying:
        assert hand_over() == orders * (SUPPLIERS + 1)
    with counted() as everything:
        work_off(Queue.MAIL)
    mailing = without_the_mailbox(everything)
    hand_over()
    with counted() as recording:
        work_off(Queue.ORDERS)
    assert {seen(buyer, number).state for number in numbers} == {"completed"}
    assert relaying.count("COMMIT") == 1
    # Lease, intent and outcome of the purchase orders and of the confirmations; lease and outcome.
    assert mailing.count("COMMIT") == 3 * 2
    assert recording.count("COMMIT") == 2
    assert len(relaying) <= RELAYING
    assert len(mailing) <= MAILING
    assert len(recording) <= RECORDING
