"""Asking for a sync, by a person or the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.flag_cache import refuse_while
from app.flags import STOP_SYNCS
from app.models.columns import stored
from app.models.feeds import RunTrigger
from app.services.audit import AuditAction, note
from app.services.feeds.queries import show_run
from app.services.feeds.runs import lock_feed, new_run, open_run

if TYPE_CHECKING:
    from app.views.feeds import SyncRunView
    from app.work import Work


def request_sync(
    work: Work, *, feed_id: int, requested_by: UUID | None = None, queued: bool = True
) -> SyncRunView:
    """Ask for a sync of a feed; a run that waits or is under way already is the answer then.

    With `queued` a worker carries it out, else the caller does (`pull_feed`). Raises NotFound,
    and Held while syncs are stopped.
    """
    refuse_while(STOP_SYNCS)
    feed = lock_feed(work, feed_id=feed_id)
    run = open_run(work, feed_id=stored(feed.id))
    if run is None:
        trigger = RunTrigger.OPERATOR if requested_by else RunTrigger.COMMAND_LINE
        run = new_run(work, feed_id=stored(feed.id), trigger=trigger, queued=queued)
        note(
            work,
            AuditAction.FEED_SYNC_REQUESTED,
            kind="feed",
            id=str(feed.id),
            title=feed.name,
            after={"run": run.id},
        )
    return show_run(work, run_id=stored(run.id))
