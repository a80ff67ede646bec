"""Lists of a large audit are read by indexes: a page costs the same wherever it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pytest

from app import db
from app.models.accounts import ROLE_PERMISSIONS, Role
from app.services.rooms.declared.audit import AUDIT
from app.services.rooms.listing import read_page
from app.views.accounts import Viewer
from app.views.room_query import RoomQuery
from app.work import reading
from tests.factories.database import as_owner, empty_database, unguarded_audit
from tests.plans import heard_of, nodes_of, plans_of

if TYPE_CHECKING:
    from app.services.rooms.listing import Listing
    from app.work import Work

ENTRIES: Final = 200_000
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE: Final = 1_000
ADMIN: Final = Viewer(
    person_id=uuid4(),
    session_id=uuid4(),
    name="Ada",
    email="ada@company.example",
    roles=(Role.ADMIN,),
    permissions=ROLE_PERMISSIONS[Role.ADMIN],
    locale="en",
)
# A thousand people, ten thousand subjects of ten kinds, most deeds of one sort, as in life. Made
# past the triggers, whose hashes no plan looks at.
FILL: Final = """
INSERT INTO audit_entry
SELECT n, %(began)s + n * interval '1 second', 'person', 'p' || n %% 1000,
    'Person ' || md5((n %% 1000)::text), '203.0.113.9', 't' || n,
    CASE WHEN n %% 1000 = 0 THEN 'person.blocked' ELSE 'person.signed-in' END,
    'kind' || n %% 10, 's' || n %% 10000, 'Subject ' || md5((n %% 10000)::text),
    NULL, NULL, '', sha256(n::text::bytea)
FROM generate_series(1, %(entries)s) AS n
"""
RARE: Final = "c4ca4238a0b9"  # md5 of 1: in a name of a person and of a subject
# By the address of the room's page.
QUESTIONS: Final = (
    "",
    "actor=p7",
    "actor=somebody",
    "subject=s77",
    "trace=t4711",
    "action=person.blocked",
    "action=person.signed-in",
    "about=person",
    "when=2026-01-01",
    f"q={RARE}",
    "q=person",
    "q=no+such+thing",
    f"actor=p1&q={RARE}",
    "actor=p7&when=2026-01-01",
    "action=person.blocked&actor=p0",
)


@pytest.fixture(scope="module", autouse=True)
def entries(services: None) -> None:  # noqa: ARG001 - where they are written
    """Fill the audit once; the next test that asks for an empty database empties it."""
    empty_database()
    with as_owner() as connection:
        # Filling an index row by row takes several times as long as making it of all rows.
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_entry' "
            "AND indexname LIKE 'ix_%'"
        ).fetchall()
        with connection.transaction(), unguarded_audit(connection):
            for name, _ in indexes:
                connection.execute(f"DROP INDEX {name}".encode())
            connection.execute(FILL, {"began": BEGAN, "entries": ENTRIES})
            for _, definition in indexes:
                connection.execute(definition.encode())
        connection.execute("VACUUM (ANALYZE) audit_entry")


def first_page(work: Work, query: str) -> Listing:
    return read_page(work, viewer=ADMIN, room=AUDIT, query=RoomQuery.parse(query))


def looked_at(query: str) -> float:
    """Return how many rows a page took a look at, none of them by reading from the start."""
    seen = 0.0
    heard = [one for one in heard_of(lambda: reading(first_page, query)) if "audit_entry" in one[0]]
    assert heard
    for plan in plans_of(heard):
        for node in nodes_of(plan):
            assert node["Node Type"] != "Seq Scan", node
            removed = node.get("Rows Removed by Filter", 0)
            if "Relation Name" in node:
                seen += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return seen


@pytest.mark.parametrize("query", QUESTIONS)
def test_a_page_looks_at_little_more_than_it_shows(query: str) -> None:
    # For words that are not seldom enough, the newest entries are read until the page is full.
    most = ENTRIES // 3 if f"q={RARE}" in query else 3 * ENTRIES // PEOPLE
    assert looked_at(query) <= most


def test_a_page_far_down_costs_what_the_first_one_does() -> None:
    first = reading(first_page, "")
    with_half = first.next
    for _ in range(20):
        with_half = reading(first_page, f"after={with_half}").next
    assert looked_at(f"after={with_half}") == looked_at("")


def test_the_newest_is_found_at_once_for_the_next_entry() -> None:
    with db.raw_connection() as connection:
        row = connection.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) "
            "SELECT sequence, hash FROM audit_entry ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
    assert row
    [scan] = [one for one in nodes_of(row[0][0]["Plan"]) if "Scan" in one["Node Type"]]
    assert (scan["Index Name"], scan["Actual Rows"]) == ("pk_audit_entry", 1)
