"""Refusals and failures: counted in memory where they happen, noted together once a minute.

A door that refuses must stay quick however often somebody knocks, and must not let them fill the
audit: one entry says how often the same was refused to the same actor within a minute. What a
process counted and had not noted when it was killed stands in its log alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Final

from app.acting import UNKNOWN, Actor, actor
from app.models.audit import AuditAction
from app.models.columns import now
from app.services.audit.note import LONGEST_NAME, note_of
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.work import Work

# How many different refusals of one minute have an entry of their own, and of one actor.
MOST: Final = 100
MOST_OF_ONE: Final = 20


@dataclass(frozen=True, slots=True)
class _What:
    """What is counted together; the actor stands without the trace, which is new each time."""

    who: Actor
    kind: str
    id: str
    action: AuditAction = AuditAction.REFUSED


@dataclass(slots=True)
class _Count:
    """How often it was, since when, and the first one's reason and trace."""

    times: int
    since: datetime
    reason: str
    trace_id: str


_OTHERS: Final = _What(UNKNOWN, "others", "")


class Refusals:
    """What was refused since it was last taken; safe to use from any thread."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: dict[_What, _Count] = {}
        self._lock = Lock()

    def add(self, action: AuditAction, *, kind: str, id: str, reason: str) -> None:  # noqa: A002 - the subject's own word
        """Count that the actor was refused what has this kind and id."""
        who = actor()
        with self._lock:
            what = self._place(_What(replace(who, trace_id=""), kind, id[:LONGEST_NAME], action))
            found = self._counts.setdefault(what, _Count(0, now(), reason, who.trace_id))
            found.times += 1

    def _place(self, what: _What) -> _What:
        """Return with what it is counted: nobody's noise may take the place of somebody else."""
        if what in self._counts:
            return what
        if sum(known.who == what.who for known in self._counts) >= MOST_OF_ONE:
            what = _What(what.who, "others", "")
        return what if what in self._counts or len(self._counts) < MOST else _OTHERS

    def take(self) -> Mapping[_What, _Count]:
        """Return what was counted and begin anew."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken

    def put_back(self, taken: Mapping[_What, _Count]) -> None:
        """Count again what could not be noted."""
        with self._lock:
            for what, count in taken.items():
                fits = what in self._counts or len(self._counts) < MOST
                kept = self._counts.setdefault(what if fits else _OTHERS, replace(count, times=0))
                kept.times += count.times
                kept.since = min(kept.since, count.since)


_refusals: Final = Refusals()


def refused(*, kind: str, id: str, reason: str) -> None:  # noqa: A002 - the subject's own word
    """Say that the actor was refused an event, a page or a route, and why; takes no time.

    `id` is the name of the event, the path of the page or the method and path of the route.
    """
    _refusals.add(AuditAction.REFUSED, kind=kind, id=id, reason=reason)


def failed(*, kind: str, id: str, problem: BaseException) -> None:  # noqa: A002 - the same
    """Say that the program failed at an event or a route that the actor sent; takes no time.

    What the problem says is for the log, where it stands under the same trace.
    """
    _refusals.add(AuditAction.FAILED, kind=kind, id=id, reason=type(problem).__name__)


def sign_in_failed(*, reason: str) -> None:
    """Say that somebody, the actor as far as known, could not sign in, and why; takes no time."""
    _refusals.add(AuditAction.PERSON_SIGN_IN_FAILED, kind="sign-in", id="", reason=reason)


@goes_on
def note_refusals(work: Work) -> int:
    """Note what was refused since the last time; return how many entries that were."""
    taken = _refusals.take()
    try:
        for what, count in taken.items():
            note_of(
                work,
                replace(what.who, trace_id=count.trace_id),
                what.action,
                kind=what.kind,
                id=what.id,
                title=what.id,
                after={"reason": count.reason, "times": count.times, "since": count.since},
            )
        work.write_all()
    except BaseException:
        _refusals.put_back(taken)
        raise
    return len(taken)
