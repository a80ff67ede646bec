"""The unit of work: one transaction, the jobs and facts it decides on, and who is told after it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app import db
from app.errors import Held, Unavailable
from app.flag_cache import is_on, refuse_while
from app.flags import READ_ONLY
from app.integrations import live
from app.models.columns import new_id, now
from app.models.operations import DomainEvent, DomainEventRow, Job, JobCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Any, Concatenate, ParamSpec
    from uuid import UUID

    from sqlalchemy import Connection, Insert
    from sqlalchemy.orm import Session

    P = ParamSpec("P")

R = TypeVar("R")
UseCase = TypeVar("UseCase", bound="Callable[..., object]")

# The relay listens here, so that a job starts when its transaction commits and not at a tick.
JOBS_CHANNEL = "job_due"

# While the kill switch `read-only` is on, Postgres itself refuses to write in a transaction that
# began so: one rule for events, routes and commands, whatever permission they ask for.
_REFUSE_TO_WRITE = text("SET TRANSACTION READ ONLY")
_GOES_ON = "__goes_on__"
_going_on: ContextVar[bool] = ContextVar("going_on", default=False)

# Statements of every order are written once: building one takes longer than running it.
# A notification is delivered at the commit, so it may be sent with the row it tells of.
_ENQUEUE = insert(Job).returning(func.pg_notify(JOBS_CHANNEL, ""))
_PUBLISH = insert(DomainEventRow).values(
    sequence=select(func.coalesce(func.max(DomainEventRow.sequence), 0) + 1)
    .where(
        col(DomainEventRow.aggregate) == bindparam("its_aggregate"),
        col(DomainEventRow.aggregate_id) == bindparam("its_aggregate_id"),
    )
    .scalar_subquery()
)


class Work:
    """One transaction. Services receive it, never commit it, and reach nothing outside in it."""

    def __init__(self, session: Session) -> None:
        """Use `session`, whose transaction the caller of `open_work` ends."""
        self.session = session
        self._topics: set[str] = set()
        self._added: dict[Insert, list[dict[str, Any]]] = {}
        self._last: list[tuple[Insert, dict[str, Any]]] = []

    def add(self, into: Insert, row: dict[str, Any]) -> None:
        """Write a row at the end of the transaction, at once with all others that go `into` there.

        For what nothing in the same transaction reads or refers to.
        """
        self._added.setdefault(into, []).append(row)

    def add_last(self, into: Insert, row: dict[str, Any]) -> None:
        """Write a row with the very last statement of the transaction.

        For what takes a lock that every such transaction needs: it is held for the commit alone,
        and who waits for it is waited for by nobody.
        """
        self._last.append((into, row))

    def write_added(self) -> None:
        """Write what was added until now, but for what comes last."""
        added, self._added = self._added, {}
        if added:
            self.session.flush()
        for into, rows in added.items():
            self.session.connection().execute(into, rows)

    def write_all(self) -> None:
        """Write everything; nothing may follow but the commit."""
        self.write_added()
        last, self._last = self._last, []
        if last:
            self.session.flush()
        for into, together in groupby(last, key=itemgetter(0)):
            self.session.connection().execute(into, [row for _, row in together])

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Open a block that leaves nothing behind in the transaction where it raises."""
        self.write_added()
        topics, last = set(self._topics), list(self._last)
        try:
            with self.session.begin_nested():
                yield
                self.write_added()
        except BaseException:
            self._added, self._topics, self._last = {}, topics, last
            raise

    def enqueue(self, call: JobCall, *, due_at: datetime | None = None) -> UUID:
        """Write a job that the relay hands to its queue after the commit, not before `due_at`.

        Returns the id of its row.
        """
        return self.enqueue_all([call], due_at=due_at)[0]

    def enqueue_all(
        self, calls: Sequence[JobCall], *, due_at: datetime | None = None
    ) -> list[UUID]:
        """Write several jobs with one statement; return the ids of their rows."""
        moment = due_at or now()
        rows = [
            {
                "id": new_id(),
                "queue": call.queue,
                "name": call.job,
                "payload": call.model_dump(mode="json"),
                "max_attempts": call.max_attempts,
                "timeout": call.timeout,
                "due_at": moment,
            }
            for call in calls
        ]
        if rows:
            self.session.connection().execute(_ENQUEUE, rows)
        return [row["id"] for row in rows]

    def publish(self, event: DomainEvent) -> None:
        """Keep a fact that has happened, numbered within its aggregate.

        The aggregate's row must be locked or new in this transaction; that is what keeps the
        numbers without gaps.
        """
        self.add(
            _PUBLISH,
            {
                "aggregate": event.aggregate,
                "its_aggregate": event.aggregate,
                "aggregate_id": event.aggregate_id,
                "its_aggregate_id": event.aggregate_id,
                "name": event.name,
                "payload": event.model_dump(mode="json"),
            },
        )

    def touch(self, *topics: str) -> None:
        """Tell open pages after the commit that what they show under `topics` has changed."""
        self._topics.update(topics)

    def after_commit(self) -> None:
        """Tell open pages. Pages catch up by themselves when this is lost."""
        if self._topics:
            live.announce(self._topics)


def goes_on(use_case: UseCase) -> UseCase:
    """Declare that a use case also writes while changes are paused: signing out, changing flags."""
    setattr(use_case, _GOES_ON, True)
    return use_case


def refuse_while_paused(use_case: Callable[..., object]) -> None:
    """Raise Held while changes are paused, unless `use_case` is declared to go on.

    For what goes on itself and carries out other use cases.
    """
    if not getattr(use_case, _GOES_ON, False):
        refuse_while(READ_ONLY)


@contextmanager
def going_on() -> Iterator[None]:
    """Let what is done in the block write also while changes are paused.

    For what begins only while they are not, and has to be finished then: a job.
    """
    before = _going_on.set(True)
    try:
        yield
    finally:
        _going_on.reset(before)


@contextmanager
def open_work(*, read_only: bool = False, on: Connection | None = None) -> Iterator[Work]:
    """Open a unit of work: committed at the end of the block, rolled back when it raises.

    With `read_only` it may read from a replica and is never committed; `on` a dedicated connection
    it sees that connection's temporary tables. Raises Unavailable when the database cannot be
    reached or has ended what took too long, and Held at the first change while changes are paused.
    """
    try:
        with db.open_session(read_only=read_only, on=on) as session:
            if not (read_only or _going_on.get()) and is_on(READ_ONLY):
                session.execute(_REFUSE_TO_WRITE)
            work = Work(session)
            yield work
            if read_only:
                db.end_reading(session)
                return
            work.write_all()
            session.commit()
    except DBAPIError as problem:
        if db.is_away(problem):
            raise Unavailable("The database does not answer; try again in a moment.") from problem
        if db.took_too_long(problem):
            sentence = "That took too long and was stopped; nothing was changed."
            raise Unavailable(sentence) from problem
        if isinstance(problem.orig, ReadOnlySqlTransaction):
            raise Held(READ_ONLY.refusal) from problem
        raise
    work.after_commit()


def within(use_case: Callable[Concatenate[Work, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run one use case in one unit of work of its own and return what it returns."""
    if getattr(use_case, _GOES_ON, False):
        with going_on(), open_work() as work:
            return use_case(work, *args, **kwargs)
    with open_work() as work:
        return use_case(work, *args, **kwargs)


def reading(query: Callable[Concatenate[Work, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run one query in a read-only unit of work of its own and return what it returns."""
    with open_work(read_only=True) as work:
        return query(work, *args, **kwargs)
