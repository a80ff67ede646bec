"""Acting on the rows of a room: what will happen, said first; then each row by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import AppError, BadInput, Conflict, NotAllowed, NotFound
from app.services.rooms.asking import choices_of
from app.services.rooms.opening import allowed, room_for
from app.services.rooms.room import Call
from app.services.rooms.rows import read_rows
from app.views.room_actions import ConfirmView, FieldView
from app.work import goes_on, refuse_while_paused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.services.rooms.room import Action, Field, Room
    from app.services.rooms.rows import Found
    from app.views.accounts import Viewer
    from app.work import Work

LONGEST_WORDS: Final = 2_000
# So many rows are done while one waits.
AT_ONCE: Final = 100
# Different complaints that are told; hundreds of rows usually have the same one.
MOST_COMPLAINTS: Final = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action: rows done and rows that something stood against, in one sentence.

    `complaint` says only what stood against them.
    """

    done: int
    refused: int
    sentence: str
    complaint: str = ""


def action_for(viewer: Viewer, room: str, action: str) -> tuple[Room, Action]:
    """Return an action of a room.

    Raises NotFound and NotAllowed for a room that is not theirs, and for an action of it.
    """
    opened = room_for(viewer, room)
    found = next((each for each in opened.actions if each.key == action), None)
    if found is None:
        raise NotFound(f"{opened.title} know no such action.")
    if found not in allowed(opened, viewer):
        raise NotAllowed(f"Your role does not allow you to do this: {found.title.lower()}.")
    return opened, found


def ask_first(
    work: Work, *, viewer: Viewer, room: str, action: str, keys: Sequence[str]
) -> ConfirmView:
    """Return what is asked before an action on these rows; on none where it is a general one.

    Raises as `action_for`, Conflict where none of the rows offers the action any more.
    """
    opened, wanted = action_for(viewer, room, action)
    rows = _rows(work, viewer, opened, wanted, keys)
    fitting = [found for found in rows if wanted.applies(found.row)]
    if rows and not fitting:
        raise Conflict(f"There is nothing to do: {wanted.title.lower()} does not apply any more.")
    return confirm_view(work, opened, wanted, count=len(fitting), only=fitting)


def confirm_view(
    work: Work,
    room: Room,
    action: Action,
    *,
    count: int,
    only: Sequence[Found] = (),
    takes_while: bool = False,
) -> ConfirmView:
    """Return what is asked before an action on `count` rows.

    One row alone is named and fills in the fields.
    """
    row = only[0].row if len(only) == 1 else None
    return ConfirmView(
        action=action.key,
        title=action.title,
        subject=room.name(row) if row is not None else "",
        sentence=action.says(count),
        danger=action.danger,
        count=count,
        needs_reason=action.needs_reason,
        fields=tuple(
            FieldView(
                key=field.key,
                title=field.title,
                kind=field.kind,
                hint=field.hint,
                value=field.initial(row) if field.initial and row is not None else "",
                choices=tuple(choices_of(work, field.choices)),
                required=field.required,
            )
            for field in action.fields
        ),
        takes_while=takes_while,
    )


def _rows(
    work: Work, viewer: Viewer, room: Room, action: Action, keys: Sequence[str]
) -> list[Found]:
    if action.general:
        return []
    if len(keys) > 1 and not action.bulk:
        raise BadInput(f"{action.title} is done to one row at a time.")
    if len(keys) > AT_ONCE:
        raise BadInput(f"At most {AT_ONCE} rows are done while one waits.")
    found = read_rows(work, viewer=viewer, room=room, keys=keys)
    if not found:
        raise NotFound(f"{room.title}: what was chosen is not there any more.")
    return found


@goes_on
def carry_out(
    work: Work,
    *,
    viewer: Viewer,
    room: str,
    action: str,
    keys: Sequence[str],
    reason: str = "",
    values: Mapping[str, str] | None = None,
) -> Outcome:
    """Do something to each of these rows; what stands against one does not keep it from others.

    Raises as `action_for`, Held while changes are paused and the action does not go on, BadInput
    for words that are missing; with a single row what stood against it is raised.
    """
    opened, wanted = action_for(viewer, room, action)
    refuse_while_paused(wanted.carry_out)
    said = checked_values(work, wanted, values or {})
    why = checked_reason(wanted, reason)
    if wanted.general:
        wanted.carry_out(work, Call(viewer, "", why, said))
        return Outcome(1, 0, wanted.did(1))
    found = {each.key: each for each in _rows(work, viewer, opened, wanted, keys)}
    done, complaints = 0, Counter[str]()
    # Numbers by size, others as text: two who act on the same rows then never wait for each other.
    for key in sorted(set(keys), key=lambda key: (len(key), key)):
        try:
            if key not in found:
                raise NotFound("It is not there any more.")
            if not wanted.applies(found[key].row):
                raise Conflict(f"{wanted.title} does not apply to it any more.")
            with work.attempt():
                wanted.carry_out(work, Call(viewer, key, why, said))
            done += 1
        except AppError as problem:
            if len(keys) == 1:
                raise
            complaints[problem.sentence] += 1
    complaint = _told(complaints)
    parts = [wanted.did(done)] if done or not complaint else []
    sentence = " ".join([*parts, complaint] if complaint else parts)
    return Outcome(done, complaints.total(), sentence, complaint)


def _told(complaints: Counter[str]) -> str:
    """Return what stood against rows, the most frequent first, "" where nothing did."""
    if not complaints:
        return ""
    told = complaints.most_common(MOST_COMPLAINTS)
    parts = [f"{text} ({number:,})" if number > 1 else text for text, number in told]
    rest = ["And more."] if len(complaints) > len(told) else []
    return " ".join([f"{complaints.total():,} could not be done:", *parts, *rest])


def checked_reason(action: Action, reason: str) -> str:
    """Return the reason as it is kept. Raises BadInput where one has to be given and is not."""
    words = reason.replace("\x00", "").strip()[:LONGEST_WORDS]
    if action.needs_reason and not words:
        raise BadInput("Say why, for those who look at this later.", field="reason")
    return words


def checked_values(work: Work, action: Action, values: Mapping[str, str]) -> dict[str, str]:
    """Return what was said along with an action, field by field. Raises BadInput naming a field."""
    return {field.key: _value(work, field, values.get(field.key, "")) for field in action.fields}


def _value(work: Work, field: Field, given: str) -> str:
    value = given.replace("\x00", "").strip()
    if len(value) > LONGEST_WORDS:
        raise BadInput(f"{field.title} is too long.", field=field.key)
    if not value:
        if field.required:
            raise BadInput(f"{field.title} is missing.", field=field.key)
        return ""
    if field.kind == "choice":
        allowed_values = {choice.value for choice in choices_of(work, field.choices)}
        if value not in allowed_values:
            raise BadInput(f"{field.title} is never “{value[:40]}”.", field=field.key)
    return value
