"""Who is looking. Decided anew on every event, from the cookie's session and nothing else."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

import reflex as rx

from app.config import Environment, settings
from app.errors import NotSignedIn
from app.models.accounts import Permission
from state.guard import public

if TYPE_CHECKING:
    from app.views.accounts import Viewer

# Set by the guard before the handler of an event runs, in the same task.
_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)


def viewer() -> Viewer | None:
    """Return who is asking, None for somebody who is not signed in."""
    return _viewer.get()


def signed_in() -> Viewer:
    """Return who is asking. Raises NotSignedIn for somebody who is not signed in."""
    person = _viewer.get()
    if person is None:
        raise NotSignedIn("Sign in to do this.")
    return person


def set_viewer(person: Viewer | None) -> None:
    """Say who is asking for the rest of this event; for the guard only."""
    _viewer.set(person)


class SessionState(rx.State):
    """What the frame shows of the person who looks. Shown, and never used to decide."""

    loaded: bool = False
    signed_in: bool = False
    name: str = ""
    initials: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()
    is_operator: bool = False
    # Operators; under APP_ENV=local everybody, who else would read the mails of a trial.
    sees_mailbox: bool = False
    # The path of the page whose content was refused to this person; "" for none.
    forbidden_path: str = ""

    @rx.event
    @public
    def load(self) -> None:
        """Show who is signed in; the first `on_load` handler of every page."""
        person = viewer()
        self.loaded = True
        self.signed_in = person is not None
        self.name = person.name if person else ""
        self.initials = initials(self.name)
        self.email = person.email if person else ""
        self.roles = person.roles if person else ()
        self.is_operator = person is not None and person.may(Permission.OPERATIONS_READ)
        self.sees_mailbox = settings().app_env is Environment.LOCAL or (
            person is not None and person.may(Permission.MAILBOX_READ)
        )

    @rx.event
    @public
    def show_forbidden(self, path: str) -> None:
        """Put the refusal in the place of the page's content; sent by the guard.

        Anybody may send it: it changes what the sender sees, and nothing else.
        """
        self.forbidden_path = path


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, for the account's badge."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper() if words else ""
