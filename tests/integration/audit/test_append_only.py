"""Nothing takes an entry away: not the program's role, and the owner only after disarming it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from app import db
from app.errors import Unavailable
from app.models.audit import AuditAction
from app.services.audit import can_be_changed, note
from app.work import open_work, within
from tests.factories.database import as_owner, owners_work
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.work import Work

pytestmark = pytest.mark.usefixtures("database")

IDLE = text("SHOW idle_in_transaction_session_timeout")
TAKES_AWAY = [
    "UPDATE audit_entry SET actor_name = 'somebody else'",
    "UPDATE audit_entry SET hash = '' WHERE false",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "MERGE INTO audit_entry USING (SELECT 1) ON true WHEN MATCHED THEN DELETE",
    "INSERT INTO audit_entry TABLE audit_entry ON CONFLICT (sequence) DO UPDATE SET action = ''",
]
DISARMS = [
    "DROP TRIGGER audit_entry_refuse ON audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry ALTER COLUMN actor_name TYPE varchar(1)",
    "ALTER TABLE audit_entry RENAME TO old",
    "DROP TABLE audit_entry",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_entry EXECUTE FUNCTION audit_refuse()",
    "CREATE RULE mine AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "SET session_replication_role = replica",
    "SET ROLE app",
    "CREATE TABLE public.audit_entry_2 ()",
    "ALTER ROLE program SUPERUSER",
]


@pytest.fixture(autouse=True)
def noted(database: None) -> None:  # noqa: ARG001 - where it is written
    """Note something."""
    with open_work() as work:
        note(work, AuditAction.FEED_CHANGED, kind="feed", id="1", title="Nuts")


@contextmanager
def as_program() -> Iterator[psycopg.Connection]:
    with db.raw_connection() as connection:
        assert connection.info.user == "program"
        yield connection


def entries() -> list[tuple[object, ...]]:
    with as_owner() as connection:
        return connection.execute("SELECT * FROM audit_entry").fetchall()


@pytest.mark.parametrize("statement", TAKES_AWAY + DISARMS)
def test_the_role_of_the_program_may_not(statement: str) -> None:
    before = entries()
    with as_program() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
    assert entries() == before


@pytest.mark.parametrize("statement", TAKES_AWAY)
@pytest.mark.parametrize("replica", [False, True])
def test_even_the_owner_is_refused(statement: str, *, replica: bool) -> None:
    before = entries()
    with as_owner() as connection:
        if replica:
            connection.execute("SET session_replication_role = replica")
        refusal = pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever appended to")
        with refusal:
            connection.execute(statement.encode())
    assert entries() == before


@pytest.mark.parametrize("connect", [as_program, as_owner])
def test_whatever_an_insert_says_the_database_numbers_dates_and_chains_it(
    connect: Callable[[], Iterator[psycopg.Connection]],
) -> None:
    with connect() as connection:  # pyright: ignore[reportGeneralTypeIssues, reportAttributeAccessIssue] - a context manager
        connection.execute(
            "CREATE TEMPORARY TABLE audit_entry (sequence bigint, hash bytea);"
            "INSERT INTO audit_entry VALUES (70, 'forged');"
            "INSERT INTO public.audit_entry SELECT * FROM jsonb_populate_record("
            "  (SELECT e FROM public.audit_entry e),"
            """ '{"sequence": 99, "at": "1999-01-01", "hash": "ff", "previous_hash": "ff"}')"""
        )
    first, second = sorted(entries())
    assert second[0] == 2
    assert second[1] >= first[1]  # pyright: ignore[reportOperatorIssue] - moments
    assert second[-2] == first[-1]


def is_connected(pid: int) -> bool:
    with as_owner() as connection:
        found = connection.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid])
        return found.fetchone() is not None


def hang(work: Work) -> None:
    """Write an entry, and go on only when Postgres has lost patience."""
    assert work.session.scalar(IDLE) == "0"
    note(work, AuditAction.FEED_CHANGED, kind="feed", id="1", title="Nuts")
    work.write_all()
    assert work.session.scalar(IDLE) == "15s"
    pid = work.session.scalars(text("SELECT pg_backend_pid()")).one()
    # As after that time.
    work.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
    wait_until(lambda: not is_connected(pid), "the transaction was not ended")


def test_nobody_holds_the_chain_and_does_nothing() -> None:
    with pytest.raises(Unavailable, match="took too long"):
        within(hang)
    assert len(entries()) == 1
    with open_work() as work:
        assert work.session.scalar(IDLE) == "0"


def test_the_program_gets_along_without_owning_anything() -> None:
    with open_work() as work:
        owned = work.session.scalars(
            text("SELECT oid::regclass::text FROM pg_class WHERE relowner = current_user::regrole")
        ).all()
        rights = work.session.execute(
            text(
                "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
                " FROM pg_roles WHERE rolname = current_user"
            )
        ).scalar_one()
        assert can_be_changed(work) is False
    with owners_work() as work:
        assert can_be_changed(work) is True
    assert owned == []
    assert rights is False
