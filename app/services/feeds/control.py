"""What people do about a feed: sync it now, keep its schedule from it, stop a sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.errors import Conflict, NotAllowed, NotFound
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.columns import now
from app.models.feeds import OPEN_RUN_STATES, Feed, SyncRun, SyncRunState
from app.services.audit import note
from app.services.feeds.request import request_sync
from app.services.feeds.runs import lock_feed, move
from app.services.feeds.times import next_due

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.views.feeds import SyncRunView
    from app.work import Work

CANCELLED: Final = "Cancelled by {name}."


def sync_feed_now(work: Work, *, viewer: Viewer, feed_id: int) -> SyncRunView:
    """Ask for a sync of a feed, paused or not; a run that is open already is the answer then.

    Raises NotAllowed, NotFound.
    """
    if not viewer.may(Permission.FEED_SYNC):
        raise NotAllowed("Only an operator may have a feed synced.")
    return request_sync(work, feed_id=feed_id, requested_by=viewer.person_id)


def pause_feed(work: Work, *, viewer: Viewer, feed_id: int) -> None:
    """Keep a feed from being synced by its schedule; what is under way goes on.

    Raises NotAllowed, NotFound, and Conflict where it is paused already or has no schedule.
    """
    feed = _locked(work, viewer, feed_id)
    if feed.schedule is None:
        raise Conflict(f"{feed.name} has no schedule: it is synced by hand only.")
    if feed.paused_at is not None:
        raise Conflict(f"{feed.name} is paused already.")
    feed.paused_at, feed.paused_by, feed.due_at = now(), viewer.person_id, None
    _note(work, AuditAction.FEED_PAUSED, feed)


def resume_feed(work: Work, *, viewer: Viewer, feed_id: int) -> None:
    """Let a feed be synced by its schedule again, from the next moment on.

    Raises NotAllowed, NotFound, and Conflict where it is not paused.
    """
    feed = _locked(work, viewer, feed_id)
    if feed.paused_at is None:
        raise Conflict(f"{feed.name} is not paused.")
    feed.paused_at = feed.paused_by = None
    feed.due_at = next_due(feed.schedule, after=now()) if feed.schedule else None
    _note(work, AuditAction.FEED_RESUMED, feed)


def cancel_sync(work: Work, *, viewer: Viewer, feed_id: int) -> None:
    """End the open run of a feed; nothing of it reaches the catalogue.

    A run that waits never begins; the process of one that works sees it between two pages. Raises
    NotAllowed, NotFound, and Conflict where no run is open or what it read is being applied.
    """
    if not viewer.may(Permission.FEED_SYNC):
        raise NotAllowed("Only an operator may cancel a sync.")
    feed = work.session.get(Feed, feed_id)
    if feed is None:
        raise NotFound("There is no such feed.")
    run = _open_run(work, feed)
    move(run, SyncRunState.CANCELLED, problem=CANCELLED.format(name=viewer.name))
    note(
        work,
        AuditAction.FEED_SYNC_CANCELLED,
        kind="feed",
        id=str(feed_id),
        title=feed.name,
        after={"run": run.id, "trigger": run.trigger},
    )
    work.touch("feeds")


def _open_run(work: Work, feed: Feed) -> SyncRun:
    """Return the open run of a feed, locked. One whose records are being applied is not waited for.

    Applying holds the feed and the run until the catalogue is written, which can take a while.
    """
    is_open = (
        col(SyncRun.feed_id) == feed.id,
        col(SyncRun.state).in_(OPEN_RUN_STATES),
    )
    free = select(Feed).where(col(Feed.id) == feed.id).with_for_update(skip_locked=True)
    if work.session.scalar(free) is None:
        raise Conflict(f"What {feed.name} brought is being taken over just now; look again soon.")
    run = work.session.scalar(select(SyncRun).where(*is_open).with_for_update(skip_locked=True))
    if run is None:
        raise Conflict(f"No sync of {feed.name} waits or is under way.")
    return run


def _locked(work: Work, viewer: Viewer, feed_id: int) -> Feed:
    if not viewer.may(Permission.FEED_CHANGE):
        raise NotAllowed("Only an administrator may change a feed.")
    return lock_feed(work, feed_id=feed_id)


def _note(work: Work, action: AuditAction, feed: Feed) -> None:
    note(work, action, kind="feed", id=str(feed.id), title=feed.name)
    work.touch("feeds")
