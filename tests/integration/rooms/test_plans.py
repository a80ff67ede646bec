"""Lists that grow are read by indexes: a page costs what it shows, not what there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from app import db
from app.models.accounts import Role
from app.services.rooms.listing import PAGE_SIZE, read_page
from app.services.rooms.registry import ROOMS
from app.views.room_query import RoomQuery
from tests.factories.catalogue import a_feed
from tests.factories.ordering import a_viewer

if TYPE_CHECKING:
    from app.work import Work

MANY = 20_000
PEOPLE = """
INSERT INTO person (issuer, subject, email, name, roles, locale, created_at, signed_in_at)
SELECT 'https://issuer.example', 'p' || n, 'p' || n || '@a.example', 'Person ' || n, '{}', 'en',
       now(), now()
FROM generate_series(1, :many) AS n
"""
SESSIONS = """
INSERT INTO person_session (token_hash, person_id, id_token, created_at, seen_at, expires_at)
SELECT sha256(id::text::bytea), id, '', now() - random() * interval '1 hour', now(),
       now() + interval '1 day'
FROM person
"""
ENTRIES = """
INSERT INTO audit_entry (actor_kind, actor_id, actor_name, address, trace_id, action,
                         subject_kind, subject_id, subject_title)
SELECT 'person', 'a' || n % 50, 'Person ' || n % 50, '', '', 'order.retried', 'order', n::text,
       'Order ' || n
FROM generate_series(1, 5000) AS n
"""


STORES = """
INSERT INTO store (feed_id, supplier_id, external_id, name, street, postcode, city, country,
                   opening_hours, record_hash)
SELECT feed.id, feed.supplier_id, n, 'Store ' || n, '', '', 'Town ' || n % 400, 'FI', '{}', ''
FROM feed, generate_series(1, :many) AS n
"""


@pytest.mark.parametrize(
    ("key", "written", "query"),
    [
        ("people", (PEOPLE,), RoomQuery()),
        ("sessions", (PEOPLE, SESSIONS), RoomQuery()),
        ("audit", (ENTRIES,), RoomQuery()),
        ("stores", (STORES,), RoomQuery()),
        ("stores", (STORES,), RoomQuery(filters=(("place", "needed"),))),
        ("stores", (STORES,), RoomQuery(sort="-town")),
    ],
)
def test_a_page_reads_little_more_than_it_shows(
    key: str, written: tuple[str, ...], query: RoomQuery, work: Work
) -> None:
    viewer = a_viewer(work.session, Role.ADMIN)
    a_feed(work.session)
    for statement in written:
        work.session.execute(text(statement), {"many": MANY} if ":many" in statement else {})
    work.session.execute(text("ANALYZE person"))
    work.session.execute(text("ANALYZE person_session"))
    work.session.execute(text("ANALYZE audit_entry"))
    work.session.execute(text("ANALYZE store"))
    asked: list[tuple[str, Any]] = []

    def remember(*given: Any) -> None:
        _connection, _cursor, statement, parameters, *_ = given
        asked.append((statement, parameters))

    event.listen(db.engine(), "before_cursor_execute", remember)
    try:
        page = read_page(work, viewer=viewer, room=ROOMS[key], query=query)
    finally:
        event.remove(db.engine(), "before_cursor_execute", remember)
    assert len(page.rows) == PAGE_SIZE
    statement, given = asked[0]
    cursor = work.session.connection().connection.cursor()
    cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + statement, given)
    plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    read = max(float(rows) for rows in re.findall(r"actual rows=([\d.]+)", plan))
    assert read <= 2 * PAGE_SIZE, plan
