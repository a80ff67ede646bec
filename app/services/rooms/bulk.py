"""Acting on every row that matches: a few at once, many by jobs, never more than was confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.errors import AppError, BadInput, Conflict
from app.models.rooms import ActOnRows, ListTaskKind
from app.services.rooms.actions import (
    AT_ONCE,
    Outcome,
    action_for,
    carry_out,
    checked_reason,
    checked_values,
    confirm_view,
)
from app.services.rooms.rows import count_rows, read_keys
from app.services.rooms.tasks import act_for, advance, begin_task, task_of
from app.work import goes_on, refuse_while_paused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.rooms.room import Action, Room
    from app.views.accounts import Viewer
    from app.views.room_actions import ConfirmView
    from app.views.room_query import RoomQuery
    from app.work import Work

MOST: Final = 10_000


def ask_first_of_all(
    work: Work, *, viewer: Viewer, room: str, action: str, query: RoomQuery
) -> ConfirmView:
    """Return what is asked before an action on every row that matches.

    Raises as `action_for`, BadInput for an action on single rows and for too many rows.
    """
    opened, wanted = _for_many(viewer, room, action)
    count = count_rows(work, viewer=viewer, room=opened, query=query, at_most=MOST)
    if count > MOST:
        raise BadInput(f"At most {MOST:,} rows at once: narrow the list.")
    if not count:
        raise Conflict("No row matches any more.")
    return confirm_view(work, opened, wanted, count=count, takes_while=count > AT_ONCE)


def _for_many(viewer: Viewer, room: str, action: str) -> tuple[Room, Action]:
    opened, wanted = action_for(viewer, room, action)
    if wanted.general or not wanted.bulk:
        raise BadInput(f"{wanted.title} is done to one row at a time.")
    return opened, wanted


@goes_on
def carry_out_all(
    work: Work,
    *,
    viewer: Viewer,
    room: str,
    action: str,
    query: RoomQuery,
    confirmed: int,
    reason: str = "",
    values: Mapping[str, str] | None = None,
) -> Outcome:
    """Do something to every row that matches now, at most to as many as were confirmed.

    Raises as `ask_first_of_all`, Held as `carry_out`, and Conflict where more match than were
    confirmed.
    """
    opened, wanted = _for_many(viewer, room, action)
    refuse_while_paused(wanted.carry_out)
    why = checked_reason(wanted, reason)
    said = checked_values(work, wanted, values or {})
    keys = read_keys(work, viewer=viewer, room=opened, query=query, at_most=min(confirmed, MOST))
    if len(keys) > confirmed:
        raise Conflict("More rows match by now than you have seen: look at the list again.")
    if not keys:
        raise Conflict("No row matches any more.")
    if len(keys) <= AT_ONCE:
        return carry_out(
            work, viewer=viewer, room=room, action=action, keys=keys, reason=why, values=said
        )
    task = begin_task(
        work,
        viewer=viewer,
        kind=ListTaskKind.ACTION,
        room=opened,
        title=f"{opened.title}: {wanted.title.lower()}",
        query=query.matching(),
        rows=len(keys),
    )
    task_id = UUID(str(task.id))
    work.enqueue_all(
        [
            ActOnRows(task_id=task_id, action=action, keys=part, reason=why, values=said)
            for part in _parts(keys)
        ]
    )
    return Outcome(0, 0, f"{len(keys):,} rows are worked on; this page says how it goes.")


def _parts(keys: list[str]) -> list[tuple[str, ...]]:
    return [tuple(keys[start : start + AT_ONCE]) for start in range(0, len(keys), AT_ONCE)]


def act_on_part(work: Work, *, call: ActOnRows) -> None:
    """Do something to a part of the rows, for whoever asked and with the rights they have now."""
    task = task_of(work, call.task_id)
    try:
        with work.attempt():
            outcome = carry_out(
                work,
                viewer=act_for(work, task),
                room=task.room,
                action=call.action,
                keys=call.keys,
                reason=call.reason,
                values=call.values,
            )
    except AppError as problem:
        advance(work, call.task_id, refused=len(call.keys), problem=problem.sentence)
        return
    problem = outcome.complaint if outcome.refused else None
    advance(work, call.task_id, done=outcome.done, refused=outcome.refused, problem=problem)


def part_gave_up(work: Work, *, call: ActOnRows, problem: str) -> None:
    """Record that a part of the rows was not done."""
    advance(work, call.task_id, refused=len(call.keys), problem=problem)
