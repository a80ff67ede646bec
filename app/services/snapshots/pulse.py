"""The pulse of a capture: says how far it has come, and hears that it is called off.

In a thread of its own, since the capture may wait for the database or the bucket.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.errors import AppError, Held, Unavailable
from app.flag_cache import refuse_while
from app.flags import READ_ONLY, STOP_SNAPSHOTS
from app.integrations.arrow.source import Stopped
from app.models.snapshots import Snapshot, SnapshotState
from app.services.snapshots.states import LIST_TOPIC, CalledOff, topic_of
from app.work import open_work

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sqlalchemy import Connection

BEAT_SECONDS: Final = 0.4
CALLED_OFF: Final = "The snapshot was called off."
LOST: Final = "The capture lost its database connection."


class Pulse:
    """Beats while its block lasts.

    It beats on the connection that holds the snapshot's lock: where that is lost, so is the lock,
    and another worker may have begun. `stop` is called once when the capture must end; `ended`
    then says why.
    """

    def __init__(self, connection: Connection, snapshot_id: UUID, stop: Callable[[], None]) -> None:
        """Beat for one snapshot; nothing happens before the block begins."""
        self._connection = connection
        self._id = snapshot_id
        self._stop = stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._said = 0
        self.rows = 0
        self.ended = ""

    def __enter__(self) -> Self:
        """Begin to beat."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; the connection is free again. What this has stopped ends as `refuse_ended` says."""
        self._over.set()
        self._thread.join()
        if isinstance(problem, Stopped):
            self.refuse_ended()

    def refuse_ended(self) -> None:
        """Raise CalledOff, or Unavailable where it cannot go on now; return where neither is."""
        if self.ended == CALLED_OFF:
            raise CalledOff(self.ended)
        if self.ended:
            raise Unavailable(self.ended)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                refuse_while(STOP_SNAPSHOTS, READ_ONLY)
                self.ended = "" if self._say(self.rows) else CALLED_OFF
            except Held as problem:
                self.ended = problem.sentence
            except (AppError, DBAPIError):
                self.ended = LOST
            if self.ended:
                self._stop()
                return

    def _say(self, rows: int) -> bool:
        """Write how far it is where that has changed; tell whether it is still wanted."""
        is_it = (col(Snapshot.id) == self._id) & (col(Snapshot.state) == SnapshotState.CAPTURING)
        with open_work(on=self._connection) as work:
            if rows == self._said:
                return work.session.scalar(select(col(Snapshot.id)).where(is_it)) is not None
            said = update(Snapshot).where(is_it).values(rows_done=rows)
            wanted = work.session.scalar(said.returning(col(Snapshot.id))) is not None
            if wanted:
                work.touch(LIST_TOPIC, topic_of(self._id))
        self._said = rows
        return wanted
