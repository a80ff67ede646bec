"""The schedule: looks every few seconds what is due. Any number of these may run at once."""

from __future__ import annotations

import logging
from threading import Event

from sqlalchemy.exc import DBAPIError

from app.errors import Unavailable
from app.flag_cache import is_on
from app.flags import READ_ONLY
from app.models.operations import Queue
from app.services.feeds import fire_due_feeds
from app.services.operations.schedule import declare, fire_due_jobs
from app.work import within
from jobs.held import is_held

LOOK_EVERY_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 30.0

log = logging.getLogger(__name__)


def fire_due() -> int:
    """Queue everything that is due by schedule; return how many jobs that were.

    What a kill switch holds stays due: what comes due meanwhile counts once when it is off.
    """
    if is_on(READ_ONLY):
        return 0
    feeds = 0 if is_held(Queue.FEEDS) else within(fire_due_feeds)
    return feeds + within(fire_due_jobs)


def run_schedule(stop: Event) -> None:
    """Fire what is due until `stop` is set, however often the database goes away."""
    wait = LOOK_EVERY_SECONDS
    is_declared = False
    while not stop.wait(wait):
        try:
            if not is_declared:
                within(declare)
                is_declared = True
            fired = fire_due()
        except (Unavailable, DBAPIError) as problem:
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            log.warning("The schedule waits %.0f s for the database: %s", wait, problem)
            continue
        wait = LOOK_EVERY_SECONDS
        if fired:
            log.info("%d jobs were due", fired)
