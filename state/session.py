"""Who is looking. Decided anew on every event, from the cookie's session and nothing else."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from app.errors import NotSignedIn

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
