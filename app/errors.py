"""Errors in the words of the trade.

    AppError                 500
    ├── BadInput             422   the caller sent something that cannot be used
    ├── NotSignedIn          401   nobody is asking, and somebody has to
    ├── NotAllowed           403   somebody is asking who may not
    ├── NotFound             404
    ├── Conflict             409   true a moment ago, not any more
    │   └── IllegalMove      409   a state that cannot follow from the present one
    ├── TooMany              429   more at once than anybody does by hand
    ├── Unavailable          503   an outside system does not answer; trying again may help
    │   └── Held             503   an administrator has stopped this for now
    └── Misconfigured        500   a setting or an installation that cannot work

Each carries one sentence for the person who caused it. Only the edges (state, API, command line,
jobs) translate an error: to a toast, a problem document, an exit code, a retry.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """Root of every error this program raises on purpose.

    Args:
        sentence: One clear sentence that says what is wrong and, where there is one, the remedy.
    """

    status: ClassVar[int] = 500

    def __init__(self, sentence: str) -> None:
        """Keep the sentence that is shown."""
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(AppError):
    """What was sent cannot be used; nothing was changed.

    `field` names the field of a form that has to be mended, "" where it is none in particular.
    """

    status = 422

    def __init__(self, sentence: str, *, field: str = "") -> None:
        """Keep the sentence and the field it belongs beside."""
        super().__init__(sentence)
        self.field = field


class NotSignedIn(AppError):
    """The action needs to know who is asking."""

    status = 401


class NotAllowed(AppError):
    """The person who asks does not have the permission."""

    status = 403


class NotFound(AppError):
    """There is no such thing, or not for the one who asks."""

    status = 404


class Conflict(AppError):
    """Something has changed since the person looked."""

    status = 409


class IllegalMove(Conflict):
    """A state machine was asked for a move that its table does not have."""


class TooMany(AppError):
    """More was asked at once than anybody does by hand; after `seconds` it may be asked again."""

    status = 429

    def __init__(self, sentence: str, *, seconds: int) -> None:
        """Keep the sentence and how long to wait."""
        super().__init__(sentence)
        self.seconds = seconds


class Unavailable(AppError):
    """An outside system did not answer as it should; a later try may succeed."""

    status = 503


class Held(Unavailable):
    """A kill switch is on: nothing was done, and it can be done when the switch is off."""


class Misconfigured(AppError):
    """A setting, a port or a data folder that cannot work."""
