"""What is asked before something is done in a room of the administration."""

from __future__ import annotations

from dataclasses import dataclass

from app.views.rooms import ChoiceView


@dataclass(frozen=True, slots=True)
class FieldView:
    """What has to be said along with an action; `kind` is text, long or choice."""

    key: str
    title: str
    kind: str
    hint: str
    value: str
    choices: tuple[ChoiceView, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """What is asked before an action: `sentence` names what will happen to how many.

    `action` is the action's key. `takes_while` means that a job will carry it out.
    """

    action: str
    title: str
    sentence: str
    danger: bool
    count: int
    needs_reason: bool
    fields: tuple[FieldView, ...]
    takes_while: bool


NO_CONFIRM = ConfirmView(
    action="",
    title="",
    sentence="",
    danger=False,
    count=0,
    needs_reason=False,
    fields=(),
    takes_while=False,
)
