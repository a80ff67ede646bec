"""The one door that every event passes: what nobody has declared is refused, whoever sends it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final
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
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from app.errors import AppError, NotAllowed, NotSignedIn, Unavailable
from app.services.accounts import EVERYBODY, SESSION_ID, cookie_in, holder_of
from state.base import in_work
from state.guard import declared_access
from state.payloads import complaint_about
from state.session import Asking, SessionState, set_asking

if TYPE_CHECKING:
    from reflex.app import App
    from reflex.event import IndividualEventType
    from reflex.state import BaseState

    from app.views.accounts import Viewer

SIGN_IN: Final = "/auth/login?next="
# What a broken page may say about itself goes to the log, and not without end.
LONGEST_REPORT: Final = 4_000

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


class Doorkeeper(Middleware):
    """Decides on each event who is asking and whether they may, before its handler runs."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex calls it by name
        """Let the event through (None), or answer it without running its handler."""
        # The event's own handshake; what the state remembers of one may be older.
        router_data = EventContext.get().router_data
        address = str(router_data.get("asPath") or "/")
        access = EVERYBODY if event.name in FRAMEWORK else declared_access(event.name)
        if access is None:
            _note(event, None, "nobody may use it")
            return _answer(rx.toast.error("This cannot be used."))
        if event.name in _REPORT:
            _shorten(event)
        try:
            session_id = _session_of(router_data)
            person = await in_work(holder_of, session_id=session_id) if session_id else None
        except Unavailable as problem:
            log.warning("Could not tell who sent %s: %s", event.name, problem.sentence)
            return _answer(rx.toast.error(problem.sentence))
        set_asking(Asking(session_id=session_id, person=person, access=access))
        try:
            access.check(person)
        except AppError as problem:
            _note(event, person, problem.sentence)
            return _answer(_refusal(app, event, address, problem))
        if session_id is not None and person is None:
            # The page still shows what belongs to a session that has ended: it starts anew, as
            # whoever the browser is now.
            _note(event, None, "the session has ended")
            return _answer(rx.call_script("window.location.reload()"))
        if event.name not in FRAMEWORK and (wrong := _complaint(event)):
            _note(event, person, wrong)
            return _answer(rx.toast.error("This cannot be used."))
        return None


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


def _answer(shown: IndividualEventType) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(shown))
