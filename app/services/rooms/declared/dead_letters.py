"""The room of dead letters: what was given up, why, and what a person does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import case, literal, select
from sqlmodel import col

from app.models.accounts import Permission, Person
from app.models.operations import DeadLetter, Job, Queue, Settlement
from app.services.operations.dead_letters import abandon, order_numbers, retry
from app.services.rooms.cells import Looks, badge, moment
from app.services.rooms.declared.jobs import job_names, job_title, payload_text
from app.services.rooms.filters import counted, named, one_of, since
from app.services.rooms.room import Action, Call, Column, Group, Room, Table
from app.views.room_query import detail_address
from app.views.rooms import (
    CellView,
    ChoiceView,
    DetailView,
    EmptyView,
    FactView,
    SectionView,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work

WAITING: Final = "waiting"
_LOOKS: Final[Looks] = {
    WAITING: ("bad", "circle-alert"),
    Settlement.RETRIED: ("good", "rotate-cw"),
    Settlement.ABANDONED: ("neutral", "ban"),
}
_STATE: ColumnElement[Any] = case(
    (col(DeadLetter.settled_at).is_(None), literal(WAITING)),
    else_=col(DeadLetter.settlement),
)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A dead letter with the number of the order it was about, 0 for none."""

    row: Any
    order: int


def _with_orders(work: Work, _viewer: Viewer, rows: Sequence[Any]) -> Sequence[_Letter]:
    numbers = order_numbers(work, rows)
    return [_Letter(row, numbers.get(row.id, 0)) for row in rows]


def _order(letter: _Letter, _viewer: Viewer) -> CellView:
    if not letter.order:
        return CellView("none")
    return CellView(str(letter.order), href=f"/orders/{letter.order}")


def _retry(work: Work, call: Call) -> None:
    retry(work, viewer=call.viewer, job_id=UUID(call.key))


def _abandon(work: Work, call: Call) -> None:
    abandon(work, viewer=call.viewer, job_id=UUID(call.key), reason=call.reason)


def _waits(letter: _Letter) -> bool:
    return letter.row.state == WAITING


def _describe(work: Work, viewer: Viewer, letter: _Letter) -> DetailView:
    row = letter.row
    settled = work.session.get_one(DeadLetter, row.id)
    by = work.session.get(Person, settled.settled_by) if settled.settled_by else None
    again = settled.retried_as
    return DetailView(
        title=job_title(row.name).capitalize(),
        lead=row.problem,
        badge=badge(row.state, _LOOKS),
        facts=(
            FactView("Job", CellView(str(row.id), href=detail_address("jobs", str(row.id)))),
            FactView("Queue", CellView(row.queue)),
            FactView("Order", _order(letter, viewer)),
            FactView("Attempts", CellView(str(row.attempts))),
            FactView("Given up", CellView(at=row.created_at)),
            FactView("Settled", moment(settled.settled_at, "not yet")),
            *((FactView("Settled by", CellView(by.name)),) if by else ()),
            *((FactView("Reason", CellView(settled.reason)),) if settled.reason else ()),
            *(
                (
                    FactView(
                        "Done again as", CellView("job", href=detail_address("jobs", str(again)))
                    ),
                )
                if again
                else ()
            ),
        ),
        sections=(
            SectionView(kind="code", title="Error", code=row.problem),
            SectionView(kind="code", title="Payload", code=payload_text(row.name, row.payload)),
        ),
    )


DEAD_LETTERS: Final = Room(
    key="dead-letters",
    title="Dead letters",
    group=Group.BACKGROUND,
    icon="archive",
    lead="Jobs that were given up and wait for a person: retry each, or abandon it with a reason.",
    permission=Permission.JOB_READ,
    source=Table(
        select(
            col(Job.id),
            col(Job.name),
            col(Job.queue),
            col(Job.attempts),
            col(Job.payload),
            col(DeadLetter.problem),
            col(DeadLetter.created_at),
            named(_STATE, "state"),
        ).join(DeadLetter, col(DeadLetter.job_id) == col(Job.id)),
        key=col(DeadLetter.job_id),
        enrich=_with_orders,
    ),
    name=lambda letter: job_title(letter.row.name),
    columns=(
        Column(
            "job",
            "Job",
            lambda letter, _: CellView(
                job_title(letter.row.name).capitalize(), second=letter.row.problem
            ),
        ),
        Column("state", "State", lambda letter, _: badge(letter.row.state, _LOOKS)),
        Column("order", "Order", _order, wide_only=True),
        Column("queue", "Queue", lambda letter, _: str(letter.row.queue), wide_only=True),
        Column(
            "attempts",
            "Attempts",
            lambda letter, _: str(letter.row.attempts),
            figures=True,
            wide_only=True,
        ),
        Column(
            "created",
            "Given up",
            lambda letter, _: CellView(at=letter.row.created_at),
            sort=col(DeadLetter.created_at),
            figures=True,
        ),
    ),
    sort="-created",
    filters=(
        one_of(
            "state",
            "State",
            _STATE,
            [ChoiceView(word, word.capitalize()) for word in _LOOKS],
            initial=WAITING,
        ),
        one_of("queue", "Queue", col(Job.queue), Queue),
        one_of("name", "Job", col(Job.name), job_names),
        since("when", "Given up", col(DeadLetter.created_at)),
    ),
    search=lambda words: col(DeadLetter.problem).icontains(words, autoescape=True),
    search_hint="What went wrong",
    actions=(
        Action(
            key="retry",
            title="Retry",
            icon="rotate-cw",
            permission=Permission.JOB_SETTLE,
            says=lambda n: (
                f"{counted(n, 'job')} will be done once more, each as a new job with all its "
                "attempts. Purchase orders that never went out are mailed to their suppliers."
            ),
            did=lambda n: f"{counted(n, 'job')} will be done once more.",
            carry_out=_retry,
            applies=_waits,
        ),
        Action(
            key="abandon",
            title="Abandon",
            icon="ban",
            permission=Permission.JOB_SETTLE,
            says=lambda n: (
                f"{counted(n, 'job')} will never be done. What stays undone because of it is "
                "yours to settle by hand."
            ),
            did=lambda n: f"{counted(n, 'job')} abandoned.",
            carry_out=_abandon,
            applies=_waits,
            needs_reason=True,
            danger=True,
        ),
    ),
    detail=_describe,
    empty=EmptyView(
        "check-check",
        "No dead letter waits",
        "Everything that was begun came to an end.",
        "/admin/jobs",
        "Look at all jobs",
    ),
    letter="d",
    words="given up failed jobs retry abandon",
    topics=("dead-letters",),
)
