"""A backlog of orders, written by the database itself as copies of one, and how fast it drains."""

from __future__ import annotations

from functools import partial
from time import perf_counter

from app import db
from app.integrations.queue import rq_queue
from app.models.operations import Queue
from app.models.ordering import SendConfirmation, SendDispatch
from app.work import reading
from bench.working import completed, more_than, relaying, wait

_COPIES = """
    WITH one AS (
        SELECT * FROM orders WHERE number = %(number)s
    ), copies AS (
        INSERT INTO orders (buyer_id, request_key, state, ship_to, contact, reference, note,
                            placed_at, changed_at)
        SELECT buyer_id, gen_random_uuid(), 'pending', ship_to, contact, reference, note,
               now(), now() FROM one, generate_series(1, %(copies)s) RETURNING id
    ), parts AS (
        INSERT INTO dispatch (order_id, supplier_id, state, round, changed_at)
        SELECT copies.id, d.supplier_id, 'queued', 1, now()
        FROM copies, one JOIN dispatch d ON d.order_id = one.id RETURNING id, order_id
    ), lines AS (
        INSERT INTO order_line (order_id, dispatch_id, product_id, price_point_id, name,
                                external_id, sku, quantity, price_minor, currency)
        SELECT parts.order_id, parts.id, l.product_id, l.price_point_id, l.name, l.external_id,
               l.sku, l.quantity, l.price_minor, l.currency
        FROM parts, one JOIN order_line l ON l.order_id = one.id
    )
    INSERT INTO job (queue, name, payload, state, attempts, max_attempts, timeout, due_at,
                     created_at)
    SELECT 'mail', name, payload, 'queued', 0, 8, 60, now(), now() FROM (
        SELECT id, %(dispatch)s AS name,
               jsonb_build_object('dispatch_id', id, 'round', 1) AS payload
        FROM parts
        UNION ALL
        SELECT id, %(confirmation)s, jsonb_build_object('order_id', id) FROM copies
    ) AS jobs ORDER BY id"""


def forget_jobs() -> None:
    """Leave nothing to do from the orders that were placed so far."""
    with db.raw_connection() as connection:
        connection.execute("UPDATE job SET state = 'done' WHERE state <> 'done'")
        connection.execute("UPDATE orders SET state = 'cancelled' WHERE state = 'pending'")
    for queue in (Queue.MAIL, Queue.ORDERS):
        rq_queue(queue).empty()


def drain_rate(number: int, copies: int) -> float:
    """Return how many orders are completed in a second while `copies` of one wait, to the last."""
    forget_jobs()
    wanted = {
        "number": number,
        "copies": copies,
        "dispatch": SendDispatch.job,
        "confirmation": SendConfirmation.job,
    }
    with db.raw_connection() as connection:
        connection.execute(_COPIES, wanted)
        connection.execute("ANALYZE job, orders, dispatch, order_line")
    before, start = reading(completed), perf_counter()
    with relaying():
        wait(partial(more_than, before + copies - 1), 0.1)
        return copies / (perf_counter() - start)
