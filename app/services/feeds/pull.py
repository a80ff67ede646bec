"""Pulling one feed from beginning to end.

Not one use case but a row of them: the run starts in one transaction, records are staged batch by
batch while the supplier is being asked, and all of it is applied in one transaction at the end.
The connection of its own holds the temporary tables and the lock of the feed, and both are gone
with it when the process dies.
"""

from __future__ import annotations

import gc
import logging
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import psycopg

from app import db
from app.errors import AppError, Held, Unavailable
from app.flag_cache import refuse_while
from app.flags import READ_ONLY, STOP_SYNCS
from app.integrations.feeds import FeedReader, Limits
from app.services.feeds.apply import apply_run
from app.services.feeds.queries import show_run
from app.services.feeds.runs import (
    LOCK_CLASS,
    cancel_run,
    check_running,
    fail_run,
    feed_of,
    lock_feed,
    start_run,
)
from app.services.feeds.source import access_of, source_of
from app.services.feeds.staging import Staging, Tally
from app.work import going_on, open_work, reading, within

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from sqlalchemy import Connection

    from app.views.feeds import SyncRunView

PageT = TypeVar("PageT")

# How many more objects than before must be alive before the collector looks for circles.
COLLECT_AFTER = 50_000
# How long a sync may go on after it was cancelled, in seconds.
LOOK_EVERY_SECONDS = 1.0

log = logging.getLogger(__name__)


def pull_feed(*, run_id: UUID, limits: Limits | None = None) -> SyncRunView:
    """Carry out a sync run and return how it ended: applied, or failed with the reason.

    A run that has ended is returned as it is, one that a kill switch stops is cancelled. What goes
    wrong with the feed is written in the run and not raised. Raises Unavailable while another
    process syncs the feed, and where the database goes away; then the run stays open, and ends when
    it is tried again.
    """
    feed_id = reading(feed_of, run_id=run_id)
    with going_on(), _locked(feed_id) as connection:
        started = within(start_run, run_id=run_id)
        if started is not None:
            _carry_out(connection, started, feed_id, limits)
    return reading(show_run, run_id=started or run_id)


@contextmanager
def _locked(feed_id: int) -> Generator[Connection]:
    """Hold the feed's lock on a connection of its own."""
    with db.dedicated_connection() as connection:
        raw = _raw(connection)
        row = raw.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, feed_id)).fetchone()
        raw.commit()
        if row is None or not row[0]:
            raise Unavailable("Another process is syncing this feed.")
        try:
            yield connection
        finally:
            # Closing the connection would free it too, but only a moment later.
            with suppress(psycopg.OperationalError):
                raw.rollback()
                raw.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_CLASS, feed_id))
                raw.commit()


def _raw(connection: Connection) -> psycopg.Connection[Any]:
    raw: Any = connection.connection.dbapi_connection
    return cast("psycopg.Connection[Any]", raw)


def _carry_out(connection: Connection, run_id: UUID, feed_id: int, limits: Limits | None) -> None:
    """Stage and apply; whatever goes wrong ends the run with its reason."""
    try:
        _stage_and_apply(connection, run_id, feed_id, limits)
    except Held as stopped:
        within(cancel_run, run_id=run_id, problem=stopped.sentence)
    except AppError as problem:
        within(fail_run, run_id=run_id, problem=problem.sentence)
    except psycopg.OperationalError as problem:
        raise Unavailable("The database went away during the sync.") from problem
    except Exception:
        within(fail_run, run_id=run_id, problem="The sync stopped at an error of the program.")
        raise


@contextmanager
def _seldom_collected() -> Generator[None]:
    """Let the collector of circles look seldom while records stream through.

    It looks after 700 new objects, and a page of JSON has some thousands: that took two fifths of
    the time of a sync. Records hold no circles, and go when the last reference to them goes.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _until_stopped(pages: Iterable[PageT], run_id: UUID) -> Iterator[PageT]:
    """Yield pages, looking between two of them whether they are still wanted.

    Raises Held once a kill switch stops syncs, Conflict where somebody has ended the run meanwhile.
    """
    looked = monotonic()
    for page in pages:
        refuse_while(STOP_SYNCS, READ_ONLY)
        yield page
        if monotonic() - looked > LOOK_EVERY_SECONDS:
            reading(check_running, run_id=run_id)
            looked = monotonic()


def _stage_and_apply(
    connection: Connection, run_id: UUID, feed_id: int, limits: Limits | None
) -> None:
    with open_work() as work:
        feed = lock_feed(work, feed_id=feed_id)
        work.session.expunge(feed)
    staging = Staging(_raw(connection), feed_id, Tally())
    with FeedReader(source_of(feed), access_of(feed), limits) as reader, _seldom_collected():
        stores = staging.stores(reader.stores())
        products = reader.product_reader(stores=stores)
        staging.products(
            _until_stopped(reader.product_pages(), run_id),
            products,
            same_mapping=products.fingerprint == feed.fingerprint,
        )
    refuse_while(STOP_SYNCS, READ_ONLY)
    with open_work(on=connection) as work:
        counts = apply_run(
            work,
            run_id=run_id,
            feed_id=feed_id,
            staging=staging,
            fingerprint=products.fingerprint,
        )
    log.info("Feed %s: %s", feed.name, counts)
