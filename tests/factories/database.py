"""The database as its owner sees it: tests sometimes have to do what the program may not."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlmodel import SQLModel
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from app import db
from app.config import settings
from app.flag_cache import CHANNEL, rule_of
from app.flags import FLAGS
from app.models.flags import FeatureFlag
from app.work import open_work
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.work import Work


@contextmanager
def as_owner() -> Iterator[psycopg.Connection]:
    """Connect as the owner of the tables, committing each statement."""
    url = settings().database_owner_url
    assert url
    with psycopg.connect(url.get_secret_value(), autocommit=True) as connection:
        yield connection


@contextmanager
def owners_work() -> Iterator[Work]:
    """Open a unit of work as the owner of the tables."""
    with db.owner_engine().connect() as connection, open_work(on=connection) as work:
        yield work


@retry(
    retry=retry_if_exception_type(psycopg.errors.DeadlockDetected),
    stop=stop_after_attempt(5),
    reraise=True,
)
def empty_database() -> None:
    """Empty every table that holds something, and number from 1 again."""
    tables = [table.name for table in SQLModel.metadata.sorted_tables]
    filled = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(
            sql.Literal(name), sql.Identifier(name)
        )
        for name in tables
    )
    # A table that holds nothing any more may have given numbers away all the same.
    numbered = """
        SELECT of.relname FROM pg_sequences
        JOIN pg_class AS number ON number.oid = format('%I.%I', schemaname, sequencename)::regclass
        JOIN pg_depend ON objid = number.oid AND deptype IN ('a', 'i')
            AND classid = 'pg_class'::regclass
        JOIN pg_class AS of ON of.oid = refobjid
        WHERE schemaname = current_schema() AND last_value IS NOT NULL
    """
    # Pages that are being closed may look at their sessions just then, hence the retry.
    with as_owner() as connection:
        # A session that a test forgot shows as an error here, not as a run that hangs.
        connection.execute("SET lock_timeout = '60s'")
        names = {name for (name,) in connection.execute(filled)}
        names |= {name for (name,) in connection.execute(numbered)} & set(tables)
        if names:
            # The audit lets go of nothing before its guard is sent away.
            with connection.transaction(), unguarded_audit(connection):
                connection.execute(
                    sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                        sql.SQL(", ").join(map(sql.Identifier, sorted(names)))
                    )
                )
        if FeatureFlag.__tablename__ in names:
            # A kill switch that the test before put on must not stop this one.
            connection.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(CHANNEL)))
            wait_until(
                lambda: all(rule_of(flag) == flag.default_rule for flag in FLAGS.values()),
                "the flags are as declared again",
            )


@contextmanager
def unguarded_audit(connection: psycopg.Connection) -> Iterator[None]:
    """Take the audit's triggers away, as only the owner can, and put them back."""
    connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    yield
    connection.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    connection.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_refuse")
