"""The one door that every event passes: what nobody has declared is refused, whoever sends it."""

from __future__ import annotations

import json
import logging
from itertools import takewhile
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urlsplit
from uuid import UUID

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import (
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
)
from reflex_base.constants import RouteVar
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from app.acting import ActorKind, acts
from app.errors import AppError, NotAllowed, NotSignedIn, Unavailable
from app.services.accounts import EVERYBODY, SESSION_ID, cookie_in
from app.services.audit import refused
from state.guard import declared_access
from state.payloads import complaint_about
from state.session import Asking, SessionState, holder_of, set_asking, start_anew

if TYPE_CHECKING:
    from reflex.app import App
    from reflex.event import IndividualEventType
    from reflex.state import BaseState

    from app.views.accounts import Viewer

SIGN_IN: Final = "/auth/login?next="
# What a broken page may say about itself goes to the log, and not without end.
LONGEST_REPORT: Final = 4_000
# What Reflex makes of one message has begun long before this is over.
SAME_MOMENT_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


def _names(state: type[BaseState], *handlers: str) -> frozenset[str]:
    return frozenset(format_event_handler(state.event_handlers[name]) for name in handlers)


# What Reflex itself needs and sends. Not among them: `setvar`, which sets any var of any state, and
# `update_vars_internal`, which only client storage needs; no state here has any.
_REPORT: Final = _names(FrontendEventExceptionState, "handle_frontend_exception")
FRAMEWORK: Final = (
    _names(State, "hydrate", "hydrate_and_load", "set_is_hydrated")
    | _names(OnLoadInternalState, "on_load_internal", "set_is_hydrated")
    | _REPORT
)


class _Asker(NamedTuple):
    asked_at: float
    session_id: UUID
    person: Viewer | None


class _Askers:
    """Who sent the events of the last moment, for the events that followed from them.

    A page that is opened is one message of the browser, from which Reflex makes half a dozen
    events; the session is looked up for the message. What follows from one later than
    `SAME_MOMENT_SECONDS` is looked up again, and so is whatever the browser sends itself.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._recent: dict[str, _Asker] = {}

    async def holder(self, session_id: UUID) -> Viewer | None:
        """Return the person of the session that sent the event which runs now."""
        context = EventContext.get()
        oldest = monotonic() - SAME_MOMENT_SECONDS
        # Set by Reflex where a handler made the event; no message of a browser can name one.
        asker = self._recent.get(context.parent_txid or "")
        if asker is None or asker.session_id != session_id or asker.asked_at < oldest:
            asked_at = monotonic()
            person = await holder_of(session_id)
            asker = _Asker(asked_at, session_id, person)
        # With the time of the lookup, so that a chain of events does not stretch it.
        self._recent[context.txid] = asker
        self._forget(oldest)
        return asker.person

    def _forget(self, oldest: float) -> None:
        """Drop who asked before; what a chain put behind younger ones goes with these."""
        for event in list(takewhile(lambda one: self._recent[one].asked_at < oldest, self._recent)):
            del self._recent[event]


class Doorkeeper(Middleware):
    """Decides on each event who is asking and whether they may, before its handler runs."""

    def __init__(self) -> None:
        """Start with nobody at the door."""
        self._askers = _Askers()

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex calls it by name
        """Let the event through (None), or answer it without running its handler."""
        # The event's own handshake; what the state remembers of one may be older.
        router_data = EventContext.get().router_data
        address = str(router_data.get("asPath") or "/")
        access = EVERYBODY if event.name in FRAMEWORK else declared_access(event.name)
        _acts(None, router_data)
        if access is None:
            _note(event, None, "nobody may use it")
            return _answer(rx.toast.error("This cannot be used."))
        if event.name in _REPORT:
            _shorten(event)
        try:
            session_id = _session_of(router_data)
            person = await self._askers.holder(session_id) if session_id else None
        except Unavailable as problem:
            log.warning("Could not tell who sent %s: %s", event.name, problem.sentence)
            return _answer(rx.toast.error(problem.sentence))
        set_asking(Asking(session_id=session_id, person=person, access=access))
        _acts(person, router_data)
        try:
            access.check(person)
        except AppError as problem:
            _note(event, person, problem.sentence)
            return _answer(_refusal(app, event, address, problem))
        if session_id is not None and person is None:
            # The page still shows what belongs to a session that has ended: it starts anew, as
            # whoever the browser is now.
            _note(event, None, "the session has ended")
            return _answer(start_anew())
        if event.name not in FRAMEWORK and (wrong := _complaint(event)):
            _note(event, person, wrong)
            return _answer(rx.toast.error("This cannot be used."))
        return None


def _acts(person: Viewer | None, router_data: dict[str, object]) -> None:
    acts(
        kind=ActorKind.PERSON if person else ActorKind.NOBODY,
        id=str(person.person_id) if person else "",
        name=person.name if person else "",
        address=str(router_data.get(RouteVar.CLIENT_IP) or ""),
    )


def _complaint(event: Event) -> str | None:
    registered = RegistrationContext.get().event_handlers[event.name]
    return complaint_about(registered.handler.fn, event.payload)


def _session_of(router_data: dict[str, object]) -> UUID | None:
    """Return the session the websocket was opened with; see `app.api.handshake`."""
    headers = router_data.get("headers")
    cookie = headers.get("cookie", "") if isinstance(headers, dict) else ""
    found = cookie_in(str(cookie), SESSION_ID)
    return UUID(found) if found else None


def _refusal(app: App, event: Event, address: str, problem: AppError) -> IndividualEventType:
    """Return what the visitor is shown in place of what they asked for."""
    if isinstance(problem, NotSignedIn):
        target = SIGN_IN + quote(address, safe="")
        return rx.call_script(f"window.location.assign({json.dumps(target)})")
    path = urlsplit(address).path
    if isinstance(problem, NotAllowed) and event.name in _load_events(app, path):
        return SessionState.show_forbidden(path)
    return rx.toast.error(problem.sentence)


def _load_events(app: App, path: str) -> frozenset[str]:
    """Return the full names of what runs when the page at `path` is opened."""
    return frozenset(one.name for one in Event.from_event_type(app.get_load_events(path)))


def _shorten(event: Event) -> None:
    for name, value in event.payload.items():
        event.payload[name] = str(value)[:LONGEST_REPORT]


def _note(event: Event, person: Viewer | None, reason: str) -> None:
    who = str(person.person_id) if person else "somebody who is not signed in"
    log.warning(
        "Refused %s to %s: %s",
        event.name,
        who,
        reason,
        extra={"event": event.name, "person": who, "reason": reason},
    )
    refused(kind="event", id=event.name, reason=reason)


def _answer(shown: IndividualEventType) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(shown))
