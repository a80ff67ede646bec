"""Who is looking. Decided anew on every event, from the cookie's session and nothing else."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import reflex as rx
from reflex.event import Event, EventSpec
from reflex_base.event.context import EventContext

from app.errors import AppError, NotSignedIn
from app.services.accounts import EVERYBODY, Access, holders_in_use, holders_of
from app.services.palette import places_of
from app.views.palette import Places
from state.base import in_work
from state.guard import public
from state.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.views.accounts import Viewer


# Sessions that are asked about in one statement.
MOST_SESSIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """Who sent the event that runs now, out of which session, and what the event asks of them."""

    session_id: UUID | None
    person: Viewer | None
    access: Access


NOBODY = Asking(session_id=None, person=None, access=EVERYBODY)

# Set by the doorkeeper before the handler of an event runs, in the same task.
_asking: ContextVar[Asking] = ContextVar("asking", default=NOBODY)


async def _in_use(session_ids: Sequence[UUID]) -> dict[UUID, Viewer | None]:
    running = await holders_in_use(session_ids=session_ids)
    return {session_id: running.get(session_id) for session_id in session_ids}


async def _others(session_ids: Sequence[UUID]) -> dict[UUID, Viewer | None]:
    running = await in_work(holders_of, session_ids=session_ids)
    return {session_id: running.get(session_id) for session_id in session_ids}


_used: Together[UUID, Viewer | None] = Together(_in_use, at_most=MOST_SESSIONS, at_once=1)
# What waits for a thread here must not keep the others waiting.
_unnoted: Together[UUID, Viewer | None] = Together(_others, at_most=MOST_SESSIONS, at_once=2)


async def holder_of(session_id: UUID) -> Viewer | None:
    """Return the person of a session that runs at this moment, None where it has ended.

    Asked of the database anew each time. Raises Unavailable where it does not answer.
    """
    return await _used.ask(session_id) or await _unnoted.ask(session_id)


def viewer() -> Viewer | None:
    """Return who is asking, None for somebody who is not signed in."""
    return _asking.get().person


def signed_in() -> Viewer:
    """Return who is asking. Raises NotSignedIn for somebody who is not signed in."""
    person = viewer()
    if person is None:
        raise NotSignedIn("Sign in to do this.")
    return person


async def still_allowed() -> bool:
    """Look again whether who sent this event is signed in as before, with the same rights.

    The doorkeeper stands at the start of a handler only. One that waits (for a change, for time to
    pass) asks this each time it wakes, and returns on False: the page then starts anew, as what it
    may be now. `viewer()` is up to date after it.
    """
    before = _asking.get()
    if before.session_id is None:
        return _passes(before)
    person = await holder_of(before.session_id)
    now = replace(before, person=person)
    _asking.set(now)
    if _rights(person) == _rights(before.person) and _passes(now):
        return True
    await EventContext.get().emit_event(*Event.from_event_type(start_anew()))
    return False


def _rights(person: Viewer | None) -> int | None:
    return person.rights_version if person else None


def _passes(asking: Asking) -> bool:
    try:
        asking.access.check(asking.person)
    except AppError:
        return False
    return True


def start_anew() -> EventSpec:
    """Return what makes a page start again, as whoever the browser is now."""
    return rx.call_script("window.location.reload()")


def set_asking(asking: Asking) -> None:
    """Say who is asking for the rest of this event; for the doorkeeper only."""
    _asking.set(asking)


class SessionState(rx.State):
    """What the frame shows of the person who looks. Shown, and never used to decide."""

    loaded: bool = False
    signed_in: bool = False
    name: str = ""
    initials: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()
    # Where they may go beyond what everybody is shown.
    places: Places = Places()
    # The path of the page whose content was refused to this person; "" for none.
    forbidden_path: str = ""

    @rx.event
    @public
    def load(self) -> None:
        """Show who is signed in; the first `on_load` handler of every page."""
        person = viewer()
        self.loaded = True
        if self.forbidden_path == self.router.url.path:
            # Asked for again: the page's own events are refused again, or not any more.
            self.forbidden_path = ""
        self.signed_in = person is not None
        self.name = person.name if person else ""
        self.initials = initials(self.name)
        self.email = person.email if person else ""
        self.roles = person.roles if person else ()
        self.places = places_of(person)

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
