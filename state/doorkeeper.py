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
from reflex_base.constants import RouteVar
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from app.acting import ActorKind, acts
from app.errors import AppError, BadInput, NotAllowed, NotSignedIn, Unavailable
from app.integrations.rates import Kind, count
from app.services.accounts import EVERYBODY, RIGHTS_VERSION, SESSION_ID, VISITOR_ID, cookie_in
from app.services.audit import refused
from state.guard import declared_access, kind_of
from state.holders import holders
from state.payloads import complaint_about
from state.running import running
from state.session import Asking, SessionState, set_asking, start_anew
from state.turns import set_visitor

if TYPE_CHECKING:
    from reflex.app import App
    from reflex.event import IndividualEventType
    from reflex.state import BaseState

    from app.views.accounts import Viewer

SIGN_IN: Final = "/auth/login?next="
# What a broken page may say about itself goes to the log, and not without end.
LONGEST_REPORT: Final = 4_000
# What changes nothing may go by who the visitor was a moment ago.
REMEMBERED: Final = frozenset({Kind.READING, Kind.SEARCHING})

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
        context = EventContext.get()
        # The event's own handshake; what the state remembers of one may be older.
        router_data = context.router_data
        access = EVERYBODY if event.name in FRAMEWORK else declared_access(event.name)
        _acts(None, router_data)
        if access is None:
            _note(event, None, "nobody may use it")
            return _answer(rx.toast.error("This cannot be used."))
        if event.name in _REPORT:
            _shorten(event)
        kind = kind_of(event.name)
        session_id = _session_of(router_data)
        try:
            person = await _holder(session_id, kind, rights := _rights_of(router_data))
        except Unavailable as problem:
            log.warning("Could not tell who sent %s: %s", event.name, problem.sentence)
            return _answer(rx.toast.error(problem.sentence))
        set_asking(Asking(session_id=session_id, person=person, access=access))
        _acts(person, router_data)
        try:
            if context.parent_txid is None:
                # Counted is what a browser sends, and not what follows from it.
                await _count(kind, person, router_data)
            access.check(person)
            if session_id is not None and person is None:
                # The page still shows what belongs to a session that has ended: it starts anew, as
                # whoever the browser is now.
                _note(event, None, "the session has ended")
                return _answer(start_anew())
            if person is not None and person.rights_version != rights:
                # The page holds what the rights of before have shown.
                return _answer(start_anew())
            _check_payload(event)
            running.begin(event.name, context, in_background=_is_in_background(event))
        except AppError as problem:
            _note(event, person, problem.sentence)
            return _answer(_refusal(app, event, _address(router_data), problem))
        return None


def _address(router_data: dict[str, object]) -> str:
    """Return the address of the page, as the browser says it."""
    return str(router_data.get("asPath") or "/")


async def _count(kind: Kind, person: Viewer | None, router_data: dict[str, object]) -> None:
    """Count an event against floods. Raises TooMany."""
    await count(
        kind,
        person=str(person.person_id) if person else "",
        visitor=_cookie(router_data, VISITOR_ID),
        address=str(router_data.get(RouteVar.CLIENT_IP) or ""),
    )


def _acts(person: Viewer | None, router_data: dict[str, object]) -> None:
    acts(
        kind=ActorKind.PERSON if person else ActorKind.NOBODY,
        id=str(person.person_id) if person else "",
        name=person.name if person else "",
        address=(address := str(router_data.get(RouteVar.CLIENT_IP) or "")),
    )
    who = person.person_id if person else _cookie(router_data, VISITOR_ID) or address
    set_visitor(str(who))


def _is_in_background(event: Event) -> bool:
    return RegistrationContext.get().event_handlers[event.name].handler.is_background


def _check_payload(event: Event) -> None:
    """Raise BadInput where an event carries what its handler does not take."""
    registered = RegistrationContext.get().event_handlers[event.name]
    if wrong := complaint_about(registered.handler.fn, event.payload):
        log.warning("%s cannot be used: %s", event.name, wrong)
        raise BadInput("This cannot be used.")


async def _holder(session_id: UUID | None, kind: Kind, rights: int | None) -> Viewer | None:
    """Return who holds the session that was opened under `rights`. Raises Unavailable."""
    if session_id is None:
        return None
    person = await holders.holder(session_id, now=kind not in REMEMBERED)
    if person is None or person.rights_version == rights:
        return person
    # What is remembered may be older than the page.
    return await holders.holder(session_id, now=True)


def _rights_of(router_data: dict[str, object]) -> int | None:
    """Return the version of the rights under which the websocket was opened."""
    found = _cookie(router_data, RIGHTS_VERSION)
    return int(found) if found else None


def _session_of(router_data: dict[str, object]) -> UUID | None:
    """Return the session the websocket was opened with; see `app.api.handshake`."""
    found = _cookie(router_data, SESSION_ID)
    return UUID(found) if found else None


def _cookie(router_data: dict[str, object], name: str) -> str:
    """Return what stands in place of the cookies of a handshake, "" where it does not."""
    headers = router_data.get("headers")
    cookie = headers.get("cookie", "") if isinstance(headers, dict) else ""
    return cookie_in(str(cookie), name)


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
