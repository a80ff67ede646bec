"""Ordering: placing beside the bare transaction, carrying out beside RQ's no-op rate.

Runs the real relay and one real worker process per queue; mails go to a null mailer.
"""

from __future__ import annotations

from functools import partial
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from rq import Queue as RQQueue
from rq.job import Job as QueuedJob
from sqlalchemy import func, select
from sqlmodel import col

from app import db
from app.integrations.queue import rq_queue
from app.models.catalogue import Product
from app.models.columns import stored
from app.models.operations import Queue
from app.services.ordering import add_to_basket, place_order
from app.work import open_work, reading, within
from bench.backlog import drain_rate, forget_jobs
from bench.bare_order import bare_order
from bench.row import Row, compared
from bench.working import completed, more_than, relaying, wait, workers
from tests.factories.catalogue import fill
from tests.factories.ordering import ADDRESS, a_viewer

if TYPE_CHECKING:
    from app.views.accounts import Viewer

PLACED = 300
ONE_BY_ONE = 20
NO_OPS = 400
CARRIED_OUT = 300
TURNS = 3
SHORT_BACKLOG, LONG_BACKLOG = 1_000, 20_000


def rows(size: int) -> list[Row]:
    """Return the figures of ordering beside a catalogue of `size` products."""
    with open_work() as work:
        fill(work.session, size)
        buyer = a_viewer(work.session)
        product_id = stored(work.session.scalar(select(func.min(col(Product.id)))))
    placing = _placing(size, buyer, product_id)
    forget_jobs()
    with workers():
        one = _one_order(size, buyer, product_id)
        many = _many_orders(size, buyer, product_id)
        backlog = _backlog(size, _place(buyer, product_id))
    with workers(knows_keys=False):
        alone = _many_orders(size, buyer, product_id)
    alone["what"] += ", mail by mail"
    alone["goal"] = "shown: a service that does not know mails again, as SendGrid, but at once"
    alone["met"] = True
    return [*placing, one, many, alone, backlog]


def _place(buyer: Viewer, product_id: int) -> int:
    within(add_to_basket, person_id=buyer.person_id, product_id=product_id, quantity=2)
    return _order(buyer)


def _order(buyer: Viewer) -> int:
    return within(
        place_order, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS, reference="bench"
    ).number


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


def _placing(size: int, buyer: Viewer, product_id: int) -> list[Row]:
    """Measure placing beside the statements it cannot do without, by turns."""
    ours: list[float] = []
    floor: list[float] = []
    with db.raw_connection() as connection:
        for _ in range(PLACED):
            for measured, do in (
                (ours, _order),
                (floor, partial(bare_order, connection=connection)),
            ):
                within(add_to_basket, person_id=buyer.person_id, product_id=product_id, quantity=2)
                start = perf_counter()
                do(buyer)
                measured.append(perf_counter() - start)
    p95 = compared(
        "placing an order, p95",
        size,
        _p95(ours),
        _p95(floor),
        "ms",
        goal="at most 3 times",
        met=_p95(ours) / _p95(floor) <= 3,
    )
    rate = compared(
        "placing orders, one after the other",
        size,
        PLACED / sum(ours),
        PLACED / sum(floor),
        "orders/s",
        goal="shown",
        met=True,
    )
    return [p95, rate]


def _no_op(number: int) -> None:
    queue = rq_queue(Queue.FEEDS)
    # RQ hands an argument over; `bool` takes it and does nothing.
    calls = [RQQueue.prepare_data("builtins.bool", ["x"], result_ttl=0) for _ in range(number)]
    last = queue.enqueue_many(calls)[-1].id
    wait(
        lambda: not QueuedJob.exists(last, queue.connection),
        0.002 if number == 1 else 0.02,
    )


def _no_ops_per_second() -> float:
    """Return what RQ's own SimpleWorker does in a second when the jobs do nothing."""
    _no_op(1)
    start = perf_counter()
    _no_op(NO_OPS)
    return NO_OPS / (perf_counter() - start)


def _one_order(size: int, buyer: Viewer, product_id: int) -> Row:
    """Measure one order at a time beside two no-ops, one queue after the other."""
    ours: list[float] = []
    floor: list[float] = []
    with relaying():
        for _ in range(ONE_BY_ONE):
            before = reading(completed)
            start = perf_counter()
            _place(buyer, product_id)
            wait(partial(more_than, before), 0.005)
            ours.append((perf_counter() - start) * 1000)
            start = perf_counter()
            _no_op(1)
            _no_op(1)
            floor.append((perf_counter() - start) * 1000)
    return compared(
        "one order, placed to completed, p50",
        size,
        median(ours),
        median(floor),
        "ms",
        goal="shown, beside two no-op jobs",
        met=True,
    )


def _many_orders(size: int, buyer: Viewer, product_id: int) -> Row:
    """Measure how many waiting orders the two workers complete in a second, and no-ops by turns."""
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(TURNS):
        for _ in range(CARRIED_OUT):
            _place(buyer, product_id)
        enough = reading(completed) + CARRIED_OUT - 1
        floor.append(_no_ops_per_second())
        start = perf_counter()
        with relaying():
            wait(partial(more_than, enough), 0.02)
            ours.append(CARRIED_OUT / (perf_counter() - start))
    rate, no_ops = median(ours), median(floor)
    return compared(
        "placed to completed, both queues",
        size,
        rate,
        no_ops,
        "orders/s",
        goal="at least 0.3 of RQ's no-op rate",
        met=rate / no_ops >= 0.3,
    )


def _backlog(size: int, number: int) -> Row:
    """Measure how fast a long backlog of orders is carried out to the last beside a short one.

    The short one is drained before and after, since others may use the machine too.
    """
    before = drain_rate(number, SHORT_BACKLOG)
    ours = drain_rate(number, LONG_BACKLOG)
    floor = (before + drain_rate(number, SHORT_BACKLOG)) / 2
    return compared(
        f"backlog of {LONG_BACKLOG:,} orders beside {SHORT_BACKLOG:,}",
        size,
        ours,
        floor,
        "orders/s",
        goal="at least 0.9 of the short one's rate",
        met=ours / floor >= 0.9,
    )
