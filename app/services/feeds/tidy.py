"""Tidying up after a sync, so that the next search does not pay for what the sync wrote.

Autovacuum does the same, but later: up to a minute after a sync begins, and gently, so that a large
catalogue waits for minutes. Until then every search reads the list of index entries that still
await their place, and counts have to look at each product's row instead of the index alone.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import func, select
from sqlmodel import col

from app import db
from app.errors import Unavailable
from app.models.columns import now
from app.models.feeds import OPEN_RUN_STATES, Feed, SyncRun, TidyCatalogue

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.views.feeds import SyncCounts
    from app.work import Work

# One of that many products written is much; fewer rows than this are quick to look at in any case.
LARGE_SHARE = 20
LEAST = 1_000
# How long the work may take, and how long it gives way to a sync that waits for the same worker.
MOST_SECONDS = 600
GIVE_WAY = timedelta(minutes=1)

# Takes no lock that keeps anybody from reading or writing, and none that has to be waited for.
_VACUUM = """
VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE false)
product, price_point, store_stock, category, word
"""

log = logging.getLogger(__name__)


def ask_to_tidy(work: Work, *, counts: SyncCounts) -> None:
    """Queue what has to follow a sync with these counts; nothing where it wrote nothing."""
    written = counts.created + counts.changed + counts.withdrawn
    if not written:
        return
    products = work.session.scalar(select(func.sum(col(Feed.products)))) or 0
    work.enqueue(TidyCatalogue(vacuum=written >= max(products // LARGE_SHARE, LEAST)))


def gives_way(work: Work) -> bool:
    """Queue the vacuum anew, for later, where a sync waits or works; tell whether it is so."""
    open_runs = select(col(SyncRun.id)).where(col(SyncRun.state).in_(OPEN_RUN_STATES)).limit(1)
    if work.session.scalar(open_runs) is None:
        return False
    work.enqueue(TidyCatalogue(vacuum=True), due_at=now() + GIVE_WAY)
    return True


def tidy_index() -> None:
    """Put what awaits its place in the search index there. Raises Unavailable."""
    with _maintenance() as connection:
        connection.execute("SELECT catalogue_tidy_index()")


def vacuum() -> None:
    """Vacuum and analyse what a sync writes; what takes too long is left to autovacuum.

    Raises Unavailable.
    """
    with _maintenance() as connection:
        connection.execute(f"SET statement_timeout = '{MOST_SECONDS}s'".encode())
        try:
            connection.execute(_VACUUM)
        except psycopg.errors.QueryCanceled:
            log.warning("Vacuuming took longer than %d s and is left to autovacuum", MOST_SECONDS)


@contextmanager
def _maintenance() -> Generator[psycopg.Connection]:
    """Connect outside any transaction."""
    try:
        with db.raw_connection() as connection:
            yield connection
    except psycopg.OperationalError as problem:
        raise Unavailable("The database went away while it was tidied up.") from problem
