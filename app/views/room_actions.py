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

    `action` is the action's key, `subject` the name of the row where it is one alone. `takes_while`
    means that a job will carry it out.
    """

    action: str
    title: str
    subject: str
    sentence: str
    danger: bool
    count: int
    needs_reason: bool
    fields: tuple[FieldView, ...]
    takes_while: bool


NO_CONFIRM = ConfirmView(
    action="",
    title="",
    subject="",
    sentence="",
    danger=False,
    count=0,
    needs_reason=False,
    fields=(),
    takes_while=False,
)


@dataclass(frozen=True, slots=True)
class TaskView:
    """Something that is done with a list in the background; `href` is its file, "" for none yet.

    `state` is waiting, running, done or failed; `words` say how far it is or what came of it.
    """

    id: str
    title: str
    state: str
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """The file of an export: its key in the bucket, and what it is called when it is saved."""

    key: str
    name: str
