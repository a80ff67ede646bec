"""The bare transaction of an order: the statements it cannot do without, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from tests.factories.ordering import ADDRESS

if TYPE_CHECKING:
    from app.views.accounts import Viewer

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


def bare_order(buyer: Viewer, connection: psycopg.Connection) -> None:
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
