"""House rules of access: nothing that can be called is without a declaration of who may."""

from __future__ import annotations

import pytest
import reflex as rx
from fastapi import APIRouter, FastAPI
from reflex_base.registry import RegistrationContext

from app.api.access import refuse_undeclared as refuse_undeclared_routes
from app.api.access import undeclared_routes
from app.api.rest import create_rest
from app.errors import Misconfigured
from app.models.accounts import ROLE_PERMISSIONS, Permission, Role
from app.permissions import DOCUMENT, document, every_rule
from state.doorkeeper import FRAMEWORK
from state.guard import declared_access, refuse_undeclared, undeclared_events
from state.payloads import complaint_about
from state.session import SessionState


@pytest.fixture(scope="module")
def every_event() -> set[str]:
    """Return the full name of every event the program registers."""
    import app.app  # noqa: F401, PLC0415 - registers every page and state

    return set(RegistrationContext.get().event_handlers)


def test_every_event_says_who_may_use_it(every_event: set[str]) -> None:
    assert len(every_event) > 20
    assert undeclared_events() == []


def test_an_event_that_does_not_say_it_stops_the_start(
    every_event: set[str],  # noqa: ARG001 - registered before
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(SessionState.event_handlers["load"].fn, "__guard__")

    with pytest.raises(Misconfigured, match=r"SessionState|session_state\.load"):
        refuse_undeclared()


def test_what_reflex_brings_along_counts_only_where_it_is_needed(every_event: set[str]) -> None:
    assert every_event >= FRAMEWORK
    undeclared = {name for name in every_event if declared_access(name) is None} - FRAMEWORK
    # All of them are refused at the door; a new kind here is to be looked at.
    assert {name.rpartition(".")[2] for name in undeclared} <= {"setvar", "update_vars_internal"}


def test_the_payload_of_every_event_can_be_checked(every_event: set[str]) -> None:
    handlers = RegistrationContext.get().event_handlers
    for name in every_event:
        if declared_access(name):
            # Where a type of the signature is not there at run time, every call would fail.
            assert complaint_about(handlers[name].handler.fn, {"odd": 1}) is not None, name


def test_no_state_keeps_what_a_browser_may_write_into_it(every_event: set[str]) -> None:
    assert every_event
    kept = [
        f"{state.get_full_name()}.{name}"
        for state in RegistrationContext.get().base_states.values()
        for name, field in state.get_fields().items()
        if isinstance(field.default, rx.Cookie | rx.LocalStorage | rx.SessionStorage)
    ]
    assert kept == []


def test_every_route_says_who_may_use_it() -> None:
    assert undeclared_routes(create_rest().routes) == []


def test_a_route_that_does_not_say_it_stops_the_start() -> None:
    inner, rest = APIRouter(prefix="/inner"), FastAPI(openapi_url=None)
    for router in (inner, rest):
        router.add_api_route("/open", lambda: None, methods=["POST"])
    rest.include_router(inner)
    rest.mount("/whole", FastAPI())

    with pytest.raises(Misconfigured, match=r"POST /open, POST /inner/open,  /whole"):
        refuse_undeclared_routes(rest.routes)


def test_the_document_of_permissions_is_current() -> None:
    assert DOCUMENT.read_text() == document(), "run `python -m app permissions --write`"


def test_the_document_names_what_needs_what(every_event: set[str]) -> None:
    rules = {rule["name"]: rule for rule in every_rule()}

    assert len(rules) > len(every_event) / 2
    assert rules["OrdersPageState.watch"]["needs"] == "order.read-own"
    assert rules["OrdersPageState.watch"]["roles"] == ["buyer", "operator", "admin"]
    assert rules["POST /auth/sign-out-everywhere"]["needs"] == "session.own"
    assert rules["GET /ready"]["needs"] == "nothing"


def test_every_permission_is_somebodys() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert frozenset().union(*ROLE_PERMISSIONS.values()) == set(Permission)
