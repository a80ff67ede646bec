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
from jobs.relay import hand_over
from tests.factories.ordering import ADDRESS, a_basket_line, a_viewer, some_products
from tests.integration.ordering.conftest import work_off
from tests.integration.ordering.looking import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.views.accounts import Viewer

SUPPLIERS = 2
# With the commits, for an order to two suppliers; these may sink and have to be lowered then.
PLACING, RELAYING, MAILING, RECORDING = 15, 5, 52, 24


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the list that every statement in the block is added to; a commit is one, too."""
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


def a_full_basket(lines: int) -> Viewer:
    with open_work() as work:
        buyer = a_viewer(work.session)
        for product in some_products(work.session, SUPPLIERS, each=lines):
            a_basket_line(work.session, buyer, product)
    return buyer


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize("lines", [1, 40])
def test_an_order_costs_as_many_statements_however_long_it_is(lines: int) -> None:
    buyer = a_full_basket(lines)
    with counted() as placing:
        number = within(
            ordering.place_order, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS
        ).number
    with counted() as relaying:
        assert hand_over() == SUPPLIERS + 1
    with counted() as mailing:
        work_off(Queue.MAIL)
    hand_over()
    with counted() as recording:
        work_off(Queue.ORDERS)
    assert seen(buyer, number).state == "completed"
    assert placing.count("COMMIT") == relaying.count("COMMIT") == 1
    # Lease, intent, the mailbox's own, outcome; and lease and outcome.
    assert mailing.count("COMMIT") == 4 * (SUPPLIERS + 1)
    assert recording.count("COMMIT") == 2 * SUPPLIERS
    assert len(placing) <= PLACING
    assert len(relaying) <= RELAYING
    assert len(mailing) <= MAILING
    assert len(recording) <= RECORDING
