"""The dashboard at 100,000 orders, jobs and mails: every answer is read from a few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import text

from app.models.accounts import Role
from app.services.operations.overview import QUESTIONS, operations_overview
from app.work import reading
from tests.factories.catalogue import a_feed
from tests.factories.database import as_owner, owners_work
from tests.factories.ordering import a_viewer
from tests.plans import heard_of, nodes_of, plans_of

if TYPE_CHECKING:
    from app.views.accounts import Viewer

# So many rows take minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

MANY: Final = 100_000
LARGE: Final = frozenset(
    {"orders", "dispatch", "mail", "job", "attempt", "dead_letter", "sync_run", "audit_entry"}
)
# All of it has gone well, but for the few that the dashboard is about.
_FILL: Final = (
    """
    INSERT INTO job (queue, name, payload, state, attempts, max_attempts, timeout, due_at,
        created_at, finished_at)
    SELECT 'mail', 'jobs.mail.send_dispatch', '{}', 'done', 1, 8, 60, moment, moment, moment
    FROM (SELECT now() - interval '30 days' * (1 - n::float / :many) AS moment
          FROM generate_series(1, :many) n) done
    """,
    """
    INSERT INTO attempt (job_id, number, worker, outcome, started_at, finished_at)
    SELECT id, 1, 'worker', 'done', created_at, created_at FROM job ORDER BY created_at
    """,
    """
    INSERT INTO dead_letter (job_id, problem, created_at, settled_at)
    SELECT id, 'Nobody answers.', created_at, created_at FROM job
    """,
    """
    INSERT INTO job (queue, name, payload, state, attempts, max_attempts, timeout, due_at,
        created_at, relayed_at)
    SELECT 'mail', 'jobs.mail.send_dispatch', '{}', 'queued', 0, 8, 60, now(), now(), now()
    FROM generate_series(1, 20)
    """,
    """
    INSERT INTO orders (buyer_id, request_key, state, ship_to, contact, reference, note,
        placed_at, changed_at)
    SELECT :buyer, gen_random_uuid(), CASE WHEN n % 10000 = 0 THEN 'failed' ELSE 'completed' END,
        '{}', '', '', '', now(), now()
    FROM generate_series(1, :many) n
    """,
    """
    INSERT INTO dispatch (order_id, supplier_id, state, round, changed_at)
    SELECT id, :supplier, CASE WHEN state = 'failed' THEN 'bounced' ELSE 'sent' END, 1, now()
    FROM orders
    """,
    """
    INSERT INTO mail (key, order_id, sender, recipient, reply_to, subject, html, text, state,
        created_at)
    SELECT id::text, id, 'a@b.example', 'c@d.example', '', 'Order', '', '',
        CASE WHEN state = 'failed' THEN 'refused' ELSE 'accepted' END, now()
    FROM orders
    """,
    """
    INSERT INTO sync_run (feed_id, state, trigger, seen, created, changed, unchanged, withdrawn,
        rejected, created_at, finished_at)
    SELECT :feed, 'applied', 'schedule', 1, 0, 0, 1, 0, 0, now(), now()
    FROM generate_series(1, :many)
    """,
    """
    INSERT INTO audit_entry (actor_kind, actor_id, actor_name, address, trace_id, action,
        subject_kind, subject_id, subject_title)
    SELECT 'nobody', '', '', '', '', 'access.refused', 'event', 'some', 'some'
    FROM generate_series(1, 2000)
    """,
)


@pytest.fixture
def admin(database: None) -> Viewer:  # noqa: ARG001 - empty
    """Fill the database and return who may know every answer."""
    with owners_work() as work:
        viewer = a_viewer(work.session, Role.ADMIN)
        feed = a_feed(work.session)
        given = {
            "many": MANY,
            "buyer": viewer.person_id,
            "supplier": feed.supplier_id,
            "feed": feed.id,
        }
        for statement in _FILL:
            work.session.execute(
                text(statement),
                {name: value for name, value in given.items() if f":{name}" in statement},
            )
    with as_owner() as connection:
        connection.execute("VACUUM ANALYZE")
    return viewer


def test_no_answer_reads_a_large_table_from_its_start(admin: Viewer) -> None:
    found = {}

    def ask() -> None:
        found.update({one.key: one for one in reading(operations_overview, viewer=admin)})

    heard = heard_of(ask)
    assert len(found) == len(QUESTIONS)
    assert {key: found[key].figure for key in ("orders", "bounces", "mails", "dead-letters")} == {
        "orders": "10",
        "bounces": "10",
        "mails": "10",
        "dead-letters": "0",
    }
    for (statement, _), plan in zip(heard, plans_of(heard), strict=True):
        for node in nodes_of(plan):
            is_whole = node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
            assert not is_whole, statement
        # The attempts of the last hour are all read; of anything else only what is not well.
        if "attempt" not in statement:
            assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 500, statement
