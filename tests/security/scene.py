"""The scene of the walk: somebody with things of their own, and those who are after them."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from sqlmodel import SQLModel

from app.integrations.ports import Identity
from app.services import accounts
from app.services.ordering import add_to_basket, place_order
from app.views.ordering import AddressForm
from app.work import open_work, within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

    from app.views.accounts import Viewer

PATIENCE_SECONDS = 300.0
# Refusals are noted there, which is what it is for; the walk looks at it by itself.
NOT_COMPARED = frozenset({"audit_entry"})
# What belongs to those who walk is theirs to change: their baskets, and when they were last seen.
OF_PERSONS = {
    "person_session": "person_id",
    "basket_line": "person_id",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody whose things nobody else may see or change; every text of theirs holds `canary`."""

    canary: str
    viewer: Viewer
    order: int
    ids: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody who walks: the Cookie header of their browser, and who they are, None for nobody."""

    name: str
    cookie: str
    viewer: Viewer | None


def signed_in(name: str, *groups: str, words: str = "") -> tuple[str, Viewer]:
    """Sign somebody in whom nobody has seen before; return their Cookie header and who they are."""
    who = uuid4().hex[:8]
    identity = Identity(
        issuer="https://issuer.example",
        subject=f"{name}-{who}",
        email=f"{name}-{who}{words}@company.example",
        name=f"{name} {words}",
        groups=groups,
        locale="en",
        id_token=f"an id token {words}",
    )
    browser = accounts.Browser(user_agent=f"Agent {words}", address=f"192.0.2.7 {words}")
    opened = within(accounts.sign_in, identity=identity, replaces="", browser=browser)
    viewer = within(accounts.who_is_asking, token=opened.token)
    assert viewer is not None
    return f"{accounts.session_cookie()}={opened.token}", viewer


def an_owner(owner_url: str) -> Owner:
    """Have somebody order, and keep an address, a basket and a session."""
    canary = f"kestrel{uuid4().hex[:12]}"
    # A sync that is under way may change a price between basket and order.
    wait_until_quiet(owner_url)
    _, viewer = signed_in("owner", "buyer", words=canary)
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT id FROM product WHERE withdrawn_at IS NULL AND price_minor > 0 "
            "ORDER BY id LIMIT 2"
        ).fetchall()
    first, second = (one for (one,) in found)
    with open_work() as work:
        add_to_basket(work, person_id=viewer.person_id, product_id=first)
        placed = place_order(
            work,
            buyer=viewer,
            request_key=uuid4(),
            ship_to=AddressForm(
                recipient=f"Recipient {canary}",
                street=f"Street {canary}",
                postcode="90100",
                city="Oulu",
                country="FI",
            ),
            contact=f"Contact {canary}",
            reference=f"Ref {canary}",
            note=f"Note {canary}",
        )
    with open_work() as work:
        add_to_basket(work, person_id=viewer.person_id, product_id=second)
    wait_until_quiet(owner_url)
    with psycopg.connect(owner_url) as connection:
        ids = [
            str(one)
            for table, column, value in (
                ("address", "person_id", viewer.person_id),
                ("person_session", "person_id", viewer.person_id),
                ("orders", "number", placed.number),
                ("dispatch", "order_id", _order_id(connection, placed.number)),
                ("mail", "order_id", _order_id(connection, placed.number)),
            )
            for (one,) in connection.execute(
                sql.SQL("SELECT id FROM {} WHERE {} = %s").format(
                    sql.Identifier(table), sql.Identifier(column)
                ),
                [value],
            )
        ]
        (message,) = _one(connection, "SELECT max(id) FROM mailbox_message")
        (feed,) = _one(connection, "SELECT min(id) FROM feed")
        (store,) = _one(connection, "SELECT min(id) FROM store")
        (job,) = _one(connection, "SELECT id FROM job ORDER BY created_at LIMIT 1")
    return Owner(
        canary=canary,
        viewer=viewer,
        order=placed.number,
        ids=(str(viewer.person_id), *ids, str(job)),
        numbers=(placed.number, message, feed, store),
    )


def _order_id(connection: psycopg.Connection, number: int) -> UUID:
    return _one(connection, "SELECT id FROM orders WHERE number = %s", number)[0]


def _one(connection: psycopg.Connection, query: LiteralString, *values: object) -> tuple[Any, ...]:
    found = connection.execute(query, values).fetchone()
    assert found is not None, query
    return found


def wait_until_quiet(owner_url: str) -> None:
    """Wait until nothing is left to do in the background."""
    deadline = monotonic() + PATIENCE_SECONDS
    with psycopg.connect(owner_url, autocommit=True) as connection:
        while _one(
            connection,
            "SELECT count(*) FROM job WHERE finished_at IS NULL",
        ) != (0,):
            assert monotonic() < deadline, "the workers do not come to rest"
            connection.execute("SELECT pg_sleep(0.1)")


def digest(owner_url: str, walkers: list[UUID]) -> Mapping[str, str]:
    """Return a digest of each table, without what belongs to those who walk."""
    with psycopg.connect(owner_url) as connection:
        return {
            table.name: str(
                connection.execute(
                    sql.SQL(
                        "SELECT count(*), md5(coalesce(string_agg(md5(row::text), '' "
                        "ORDER BY md5(row::text)), '')) FROM {} row WHERE {}"
                    ).format(sql.Identifier(table.name), _others(table.name)),
                    {"walkers": walkers},
                ).fetchone()
            )
            for table in SQLModel.metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }


def _others(table: str) -> sql.Composable:
    column = OF_PERSONS.get(table)
    if column is None:
        return sql.SQL("true")
    return sql.SQL("NOT {} = ANY(%(walkers)s)").format(sql.Identifier(column))
