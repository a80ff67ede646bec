"""How the palette's questions are answered at 100,000 orders and people: by indexes alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import text

from app import db
from app.models.accounts import Role
from app.services.palette import find
from app.work import reading
from tests.factories.database import owners_work
from tests.factories.ordering import a_viewer
from tests.plans import heard_of, nodes_of, plans_of

if TYPE_CHECKING:
    from redis import Redis

    from app.views.accounts import Viewer

# So many rows take minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

MANY: Final = 100_000
LARGE: Final = frozenset({"orders", "person", "product"})
_PEOPLE: Final = """
INSERT INTO person (
    id, issuer, subject, email, name, roles, locale, created_at, signed_in_at
)
SELECT uuidv7(), 'https://issuer.example', 'bulk-' || n, 'p' || n || '@buyers.example',
    'Person ' || md5(n::text), '{buyer}', 'en', now(), now()
FROM generate_series(1, :many) n
"""
_ORDERS: Final = """
INSERT INTO orders (
    buyer_id, request_key, state, ship_to, contact, reference, note, placed_at, changed_at
)
SELECT person.id, gen_random_uuid(), 'completed', '{}', '', 'Site ' || md5(person.subject), '',
    now(), now()
FROM person
"""


# A number, a rare reference, one that every order has, a person, an address, nothing.
WORDS: Final = ("10042", "c4ca4238", "site", "person c81e", "p77777@buyers", "no such thing")


@pytest.fixture
def admin(database: None, redis: Redis) -> Viewer:  # noqa: ARG001 - both empty
    """Fill the database and return who may see all of it."""
    with owners_work() as work:
        viewer = a_viewer(work.session, Role.ADMIN)
        work.session.execute(text(_PEOPLE), {"many": MANY})
        work.session.execute(text(_ORDERS))
    with db.raw_connection() as connection:
        connection.execute("VACUUM ANALYZE orders, person")
    return viewer


def test_a_few_letters_read_no_table_from_its_start(admin: Viewer) -> None:
    for words in WORDS:
        heard = heard_of(lambda asked=words: reading(find, viewer=admin, text=asked))
        assert len(heard) >= 3
        for plan in plans_of(heard):
            for node in nodes_of(plan):
                is_whole = node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
                assert not is_whole, (words, node)
