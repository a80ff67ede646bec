"""Which jobs wait because a kill switch is on: they stay in Postgres as they are."""

from __future__ import annotations

from typing import Final

from app.flag_cache import is_on
from app.flags import READ_ONLY, STOP_MAIL, STOP_SNAPSHOTS, STOP_SYNCS, Flag
from app.models.operations import Queue

# Whatever a job does changes something, so all of them wait while changes are paused.
_STOPS: Final[dict[Queue, tuple[Flag, ...]]] = {
    Queue.MAIL: (STOP_MAIL, READ_ONLY),
    Queue.FEEDS: (STOP_SYNCS, READ_ONLY),
    Queue.SNAPSHOTS: (STOP_SNAPSHOTS, READ_ONLY),
}


def is_held(queue: Queue) -> bool:
    """Tell whether no job of `queue` may begin now."""
    return any(is_on(switch) for switch in _STOPS.get(queue, (READ_ONLY,)))
