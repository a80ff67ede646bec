"""What a page of a long list costs: the same at its end as at its beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select, text

from app import db
from app.models.accounts import Role
from app.services.rooms.asking import sorted_by
from app.services.rooms.cursors import Cursor
from app.services.rooms.listing import PAGE_SIZE, read_page
from app.services.rooms.registry import ROOMS
from app.services.rooms.room import Table
from app.services.rooms.rows import count_rows
from app.views.room_query import RoomQuery
from app.work import reading
from tests.factories.database import owners_work
from tests.factories.ordering import a_viewer

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

ROWS = 100_000
FILL = (
    """
    INSERT INTO job (id, queue, name, payload, state, attempts, max_attempts, timeout, due_at,
                     created_at, finished_at)
    SELECT uuidv7((i - :rows) * interval '1 min'), 'mail', 'jobs.mail.send_dispatch', '{}',
           CASE WHEN i % 5000 = 0 THEN 'dead' ELSE 'done' END, 1, 8, 60, now(), now(), now()
    FROM generate_series(1, :rows) i
    """,
    """
    INSERT INTO orders (id, buyer_id, request_key, state, ship_to, contact, reference, note,
                        placed_at, changed_at)
    SELECT uuidv7(), (SELECT id FROM person LIMIT 1), gen_random_uuid(),
           CASE WHEN i % 5000 = 0 THEN 'failed' ELSE 'completed' END, '{}', '', '', '',
           now(), now() - (i % 999) * interval '1 min'
    FROM generate_series(1, :rows) i
    """,
    """
    INSERT INTO supplier (name, order_email, completion_policy, created_at)
    VALUES ('Somebody', 'orders@supplier.example', 'sent', now())
    """,
    """
    INSERT INTO dispatch (id, order_id, supplier_id, state, round, changed_at)
    SELECT uuidv7(), id, (SELECT id FROM supplier LIMIT 1), 'sent', 1, changed_at FROM orders
    """,
)
LISTS = (
    ("jobs", RoomQuery(sort="-created")),
    ("jobs", RoomQuery(filters=(("state", "dead"),))),
    ("jobs", RoomQuery(filters=(("when", "24h"),))),
    ("orders", RoomQuery(sort="-number")),
    ("orders", RoomQuery(sort="changed")),
    ("orders", RoomQuery(filters=(("state", "failed"),))),
    ("dispatches", RoomQuery(sort="-changed")),
)


@pytest.fixture
def viewer(database: None) -> Viewer:  # noqa: ARG001 - in it
    """Fill the lists; return somebody who sees them."""
    # As their owner, whose statements may take as long as they take.
    with owners_work() as work:
        viewer = a_viewer(work.session, Role.ADMIN)
        work.session.flush()
        for statement in FILL:
            work.session.execute(text(statement), {"rows": ROWS})
    with db.raw_connection() as connection:
        connection.execute("VACUUM ANALYZE job, orders, dispatch")
    return viewer


def in_the_middle(work: Work, *, room: str, query: RoomQuery) -> RoomQuery:
    """Return the question for the page that begins halfway through the list."""
    opened = ROOMS[room]
    column, _ = sorted_by(opened, query)
    assert column is not None
    assert isinstance(opened.source, Table)
    by: Any = column.sort
    key: Any = opened.source.key
    found = work.session.execute(select(by, key).order_by(by, key).offset(ROWS // 2).limit(1))
    return replace(query, after=Cursor(f"{room}:{column.key}", *found.one()).seal())


def read_rows_of(plan: dict[str, Any]) -> int:
    """Return how many rows the leaves of a plan have looked at."""
    below = plan.get("Plans", [])
    if below:
        return sum(read_rows_of(part) for part in below)
    return (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]


def cost_of(work: Work, *, viewer: Viewer, room: str, query: RoomQuery) -> tuple[str, int]:
    """Read a page and its count; return the next place, and how many rows were looked at."""
    said: list[tuple[str, Any]] = []

    def remember(_connection: object, _cursor: object, *said_now: Any) -> None:
        said.append((said_now[0], said_now[1]))

    connection = work.session.connection()
    event.listen(connection, "before_cursor_execute", remember)
    page = read_page(work, viewer=viewer, room=ROOMS[room], query=query)
    event.remove(connection, "before_cursor_execute", remember)
    (statement, values), *rest = said
    assert len(rest) <= 1, "a page takes one statement, and one for what belongs to its rows"
    found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
    plan = found.scalar_one()[0]["Plan"]
    return page.next, read_rows_of(plan)


def test_every_page_of_a_long_list_looks_at_its_own_rows_only(viewer: Viewer) -> None:
    for room, query in LISTS:
        place, first = reading(cost_of, viewer=viewer, room=room, query=query)
        # Some rows more where those of other tables are looked up for each.
        most = 4 * (PAGE_SIZE + 1)
        assert first <= most, (room, query)
        if not place:
            continue
        middle = reading(in_the_middle, room=room, query=query)
        _, deep = reading(cost_of, viewer=viewer, room=room, query=middle)
        assert deep <= most, (room, middle)
    for room in ("jobs", "orders", "dispatches"):
        count = reading(count_rows, viewer=viewer, room=ROOMS[room], query=RoomQuery(), at_most=100)
        assert count == 101, "counting did not stop"
