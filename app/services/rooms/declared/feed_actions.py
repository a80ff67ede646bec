"""What can be done to feeds: sync now, cancel a sync, keep the schedule from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.models.accounts import Permission
from app.models.feeds import OPEN_RUN_STATES
from app.services.feeds import control
from app.services.rooms.cells import AnyRow
from app.services.rooms.filters import counted
from app.services.rooms.room import Action

if TYPE_CHECKING:
    from app.services.rooms.room import Call
    from app.work import Work


def _is_open(row: AnyRow) -> bool:
    return row.run_state in OPEN_RUN_STATES


def _sync(work: Work, call: Call) -> None:
    control.sync_feed_now(work, viewer=call.viewer, feed_id=int(call.key))


def _cancel(work: Work, call: Call) -> None:
    control.cancel_sync(work, viewer=call.viewer, feed_id=int(call.key))


def _pause(work: Work, call: Call) -> None:
    control.pause_feed(work, viewer=call.viewer, feed_id=int(call.key))


def _resume(work: Work, call: Call) -> None:
    control.resume_feed(work, viewer=call.viewer, feed_id=int(call.key))


FEED_ACTIONS: Final = (
    Action(
        "sync",
        "Sync now",
        "refresh-cw",
        Permission.FEED_SYNC,
        says=lambda n: f"{counted(n, 'feed')} will be read now, besides the schedule.",
        did=lambda n: f"{counted(n, 'feed')} asked for.",
        carry_out=_sync,
        applies=lambda row: not _is_open(row),
    ),
    Action(
        "cancel",
        "Cancel the sync",
        "ban",
        Permission.FEED_SYNC,
        says=lambda n: f"The sync of {counted(n, 'feed')} ends; nothing of it is taken over.",
        did=lambda n: f"The sync of {counted(n, 'feed')} is cancelled.",
        carry_out=_cancel,
        applies=_is_open,
        danger=True,
    ),
    Action(
        "pause",
        "Pause",
        "pause",
        Permission.FEED_CHANGE,
        says=lambda n: (
            f"{counted(n, 'feed')} will not be synced by schedule until resumed. The "
            "prices age meanwhile; syncing by hand is still possible."
        ),
        did=lambda n: f"{counted(n, 'feed')} paused.",
        carry_out=_pause,
        applies=lambda row: row.schedule is not None and row.paused_at is None,
    ),
    Action(
        "resume",
        "Resume",
        "play",
        Permission.FEED_CHANGE,
        says=lambda n: f"{counted(n, 'feed')} will be synced by schedule again.",
        did=lambda n: f"{counted(n, 'feed')} resumed.",
        carry_out=_resume,
        applies=lambda row: row.paused_at is not None,
    ),
)
