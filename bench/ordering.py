"""Ordering: placing beside the bare transaction, carrying out beside RQ's no-op rate.

Runs the real relay and one real worker process per queue with the mailbox as mail service.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb
from rq.job import Job as QueuedJob
from sqlalchemy import func, select
from sqlmodel import col

from app import db
from app.config import PROJECT_ROOT
from app.integrations.queue import QueuedCall, enqueue, rq_queue
from app.models.catalogue import Product
from app.models.columns import stored
from app.models.operations import Queue
from app.models.ordering import Order, OrderState
from app.services.ordering import add_to_basket, place_order
from app.work import open_work, reading, within
from bench.row import Row
from jobs.relay import run_relay
from tests.factories.catalogue import fill
from tests.factories.ordering import ADDRESS, a_viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.views.accounts import Viewer
    from app.work import Work

PLACED = 200
CARRIED_OUT = 200
ONE_BY_ONE = 20
NO_OPS = 400
DEADLINE_SECONDS = 120.0
STOCK_WORKER = """
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from app.integrations.queue import Queue, rq_queue, worker_connection
connection = worker_connection()
queue = rq_queue(Queue.FEEDS, connection)
worker = SimpleWorker([queue], connection=connection, serializer=JSONSerializer)
worker.work(logging_level="WARNING")
"""
WORKER = "from jobs.worker import run_worker, Queue; run_worker(Queue({queue!r}))"


def rows(size: int) -> list[Row]:
    """Return the figures of ordering beside a catalogue of `size` products."""
    with open_work() as work:
        fill(work.session, size)
        buyer = a_viewer(work.session)
        product_id = stored(work.session.scalar(select(func.min(col(Product.id)))))
    placing = _placing(size, buyer, product_id)
    _forget_jobs()
    with _workers():
        one = _one_order(size, buyer, product_id)
        many = _many_orders(size, buyer, product_id)
    return [placing, one, many]


def _row(
    what: str, size: int, ours: float, floor: float, *, unit: str, goal: str, met: bool
) -> Row:
    return Row(
        what=what,
        size=size,
        ours=ours,
        floor=floor,
        unit=unit,
        ratio=ours / floor,
        goal=goal,
        met=met,
    )


def _place(buyer: Viewer, product_id: int) -> int:
    within(add_to_basket, person_id=buyer.person_id, product_id=product_id, quantity=2)
    return _order(buyer)


def _order(buyer: Viewer) -> int:
    return within(
        place_order, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS, reference="bench"
    ).number


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


def _placing(size: int, buyer: Viewer, product_id: int) -> Row:
    """Measure placing beside the statements it cannot do without, by turns."""
    ours: list[float] = []
    floor: list[float] = []
    with db.raw_connection() as connection:
        for _ in range(PLACED):
            for measured, do in (
                (ours, _order),
                (floor, partial(_bare_order, connection=connection)),
            ):
                within(add_to_basket, person_id=buyer.person_id, product_id=product_id, quantity=2)
                start = perf_counter()
                do(buyer)
                measured.append(perf_counter() - start)
    ratio = _p95(ours) / _p95(floor)
    return _row(
        "placing an order, p95",
        size,
        _p95(ours),
        _p95(floor),
        unit="ms",
        goal="at most 3 times",
        met=ratio <= 3,
    )


_LOCK = "SELECT id FROM person WHERE id = %s FOR NO KEY UPDATE"
_ORDER = """
    INSERT INTO orders (buyer_id, request_key, state, ship_to, contact, reference, note,
                        placed_at, changed_at)
    VALUES (%s, %s, 'pending', %s, '', 'bench', '', now(), now()) RETURNING id"""
_DISPATCH = """
    INSERT INTO dispatch (order_id, supplier_id, state, round, changed_at)
    SELECT %s, p.supplier_id, 'queued', 1, now()
    FROM basket_line b JOIN product p ON p.id = b.product_id WHERE b.person_id = %s
    GROUP BY p.supplier_id RETURNING id"""
_LINES = """
    INSERT INTO order_line (order_id, dispatch_id, product_id, price_point_id, name, external_id,
                            sku, quantity, price_minor, currency)
    SELECT %s, %s, p.id, (SELECT max(id) FROM price_point WHERE product_id = p.id), p.name,
           p.external_id, p.sku, b.quantity, p.price_minor, p.currency
    FROM basket_line b JOIN product p ON p.id = b.product_id WHERE b.person_id = %s"""
_REST = """
    WITH entry AS (
        INSERT INTO timeline_entry (order_id, kind, title, detail, tone, created_at)
        VALUES (%(order)s, 'order.placed', 'Order placed', '', 'info', now())
    ), event AS (
        INSERT INTO domain_event (aggregate, aggregate_id, sequence, name, payload, created_at)
        VALUES ('order', %(order)s::text, 1, 'order.placed', '{}', now())
    ), emptied AS (
        DELETE FROM basket_line WHERE person_id = %(buyer)s
    ), jobs AS (
        INSERT INTO job (queue, name, payload, state, attempts, max_attempts, timeout, due_at,
                         created_at)
        SELECT 'mail', 'x', '{}', 'done', 0, 8, 60, now(), now() FROM generate_series(1, 2)
    )
    SELECT pg_notify('job_due', '')"""


def _bare_order(buyer: Viewer, connection: psycopg.Connection) -> None:
    """Write what an order consists of with five statements in one transaction."""
    ship_to = Jsonb({"city": ADDRESS.city})
    with connection.transaction():
        connection.execute(_LOCK, [buyer.person_id])
        order_id = _one(connection.execute(_ORDER, [buyer.person_id, uuid4(), ship_to]))
        dispatch_id = _one(connection.execute(_DISPATCH, [order_id, buyer.person_id]))
        connection.execute(_LINES, [order_id, dispatch_id, buyer.person_id])
        connection.execute(_REST, {"order": order_id, "buyer": buyer.person_id})


def _one(cursor: psycopg.Cursor) -> object:
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - RETURNING returns
    return row[0]


def _forget_jobs() -> None:
    """Leave nothing to do from the orders that were only placed."""
    with db.raw_connection() as connection:
        connection.execute("UPDATE job SET state = 'done' WHERE state <> 'done'")
        connection.execute("UPDATE orders SET state = 'cancelled'")


@contextmanager
def _workers() -> Iterator[None]:
    """Run one worker process per queue, without a relay, and RQ's own worker for the no-ops."""
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=dict(os.environ))
        for code in (WORKER.format(queue="mail"), WORKER.format(queue="orders"), STOCK_WORKER)
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


@contextmanager
def _relay() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_relay, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wait(is_so: Callable[[], bool], look_every: float) -> None:
    """Look whether something is so, seldom enough not to take the machine from the workers."""
    deadline = perf_counter() + DEADLINE_SECONDS
    while not is_so():
        if perf_counter() > deadline:
            raise TimeoutError("The workers did not get it done in time.")
        threading.Event().wait(look_every)


def _no_op(number: int) -> None:
    # RQ hands the id over as an argument; `bool` takes it and does nothing.
    calls = [QueuedCall(f"bench-{uuid4()}", "builtins.bool", 60) for _ in range(number)]
    enqueue(Queue.FEEDS, calls)
    last = calls[-1].job_id
    connection = rq_queue(Queue.FEEDS).connection
    _wait(lambda: not QueuedJob.exists(last, connection), 0.002 if number == 1 else 0.05)


def _no_ops_per_second() -> float:
    """Return what RQ's own SimpleWorker does in a second when the jobs do nothing."""
    _no_op(1)
    start = perf_counter()
    _no_op(NO_OPS)
    return NO_OPS / (perf_counter() - start)


def _completed(work: Work) -> int:
    return (
        work.session.scalar(
            select(func.count()).select_from(Order).where(col(Order.state) == OrderState.COMPLETED)
        )
        or 0
    )


def _more_than(before: int) -> bool:
    return reading(_completed) > before


def _one_order(size: int, buyer: Viewer, product_id: int) -> Row:
    """Measure one order at a time beside two no-ops, one queue after the other."""
    ours: list[float] = []
    floor: list[float] = []
    with _relay():
        for _ in range(ONE_BY_ONE):
            before = reading(_completed)
            start = perf_counter()
            _place(buyer, product_id)
            _wait(partial(_more_than, before), 0.005)
            ours.append((perf_counter() - start) * 1000)
            start = perf_counter()
            _no_op(1)
            _no_op(1)
            floor.append((perf_counter() - start) * 1000)
    return _row(
        "one order, placed to completed, p50",
        size,
        median(ours),
        median(floor),
        unit="ms",
        goal="shown, beside two no-op jobs",
        met=True,
    )


def _many_orders(size: int, buyer: Viewer, product_id: int) -> Row:
    """Measure how many waiting orders the two workers complete in a second.

    The no-op rate is taken before and after, since others may use the machine too.
    """
    for _ in range(CARRIED_OUT):
        _place(buyer, product_id)
    enough = reading(_completed) + CARRIED_OUT - 1
    before = _no_ops_per_second()
    start = perf_counter()
    with _relay():
        _wait(partial(_more_than, enough), 0.1)
        rate = CARRIED_OUT / (perf_counter() - start)
    no_ops = (before + _no_ops_per_second()) / 2
    return _row(
        "placed to completed, both queues",
        size,
        rate,
        no_ops,
        unit="orders/s",
        goal="at least 0.3 of RQ's no-op rate",
        met=rate / no_ops >= 0.3,
    )
