"""What a stranger with a websocket gets: nothing that nobody has declared, and nobody's state."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from app.api.handshake import session_owner, state_token, visitor_cookie
from app.config import settings
from app.models.accounts import Permission, Person, PersonSession
from app.models.audit import AuditAction, AuditEntry
from app.services import accounts
from app.services.accounts import CATALOGUE, SESSION_ID, Access
from app.services.audit import note_refusals
from app.work import open_work, within
from state.doorkeeper import LONGEST_REPORT
from state.session import SessionState
from tests.integration.accounts.provider import ANSWER_SECONDS
from tests.integration.accounts.socket_client import (
    ROOT,
    Tab,
    cookie_of,
    knock,
    words_of,
)
from tests.integration.hearing import all_is_heard

if TYPE_CHECKING:
    from reflex import App

    from app.views.accounts import Viewer

SESSION = SessionState.get_full_name()
SHOW_FORBIDDEN = f"{SESSION}.show_forbidden"


def end_sessions() -> None:
    """End all sessions; returns when the program that is served here has heard of it."""
    with open_work() as work:
        work.session.execute(delete(PersonSession))
        work.touch(accounts.RIGHTS)
    all_is_heard()


get = partial(httpx2.get, timeout=ANSWER_SECONDS)


def declare(patch: pytest.MonkeyPatch, event: str, access: Access | None) -> None:
    """Declare one of SessionState's events otherwise until the test ends; None for not at all."""
    handler = SessionState.event_handlers[event].fn
    if access is None:
        patch.delattr(handler, "__guard__")
    else:
        patch.setattr(handler, "__guard__", access)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        (f"{SESSION}.setvar", {"var_name": "roles", "value": ["admin"]}),
        (f"{ROOT}.setvar", {"var_name": "is_hydrated", "value": False}),
        (
            f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
            {"vars": {f"{SESSION}.roles": ["admin"]}},
        ),
    ],
)
def test_what_reflex_brings_along_is_refused_unless_pages_need_it(
    port: int, caplog: pytest.LogCaptureFixture, event: str, payload: dict[str, object]
) -> None:
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        tab.send(event, **payload)
        tab.settle()

        assert tab.var(SESSION, "roles") == ["buyer"]
        assert "This cannot be used." in words_of(tab)
    assert f"Refused {event} to somebody who is not signed in: nobody may use it" in caplog.text


def test_an_event_that_nobody_declared_is_refused(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, "show_forbidden", None)

    with Tab(port, str(uuid4()), cookie=cookie_of("ada", "admin")) as tab:
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == ""
        assert "This cannot be used." in words_of(tab)


def test_a_public_event_is_for_everybody(port: int) -> None:
    with Tab(port, str(uuid4())) as tab:
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == "/changed"


def test_a_visitor_is_sent_to_sign_in_and_back(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_RETRY))

    with Tab(port, str(uuid4()), path="/nowhere?q=a&b") as tab:
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == ""
        assert "/auth/login?next=%2Fnowhere%3Fq%3Da%26b" in words_of(tab)


def test_the_wrong_role_is_told_and_noted(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_RETRY))
    cookie = cookie_of("bea", "buyer")

    with Tab(port, str(uuid4()), cookie=cookie) as tab:
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == ""
        assert "Your role does not allow this." in words_of(tab)
    assert f"Refused {SHOW_FORBIDDEN} to {person_of(cookie).person_id}" in caplog.text


def test_the_right_role_passes(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_RETRY))

    with Tab(port, str(uuid4()), cookie=cookie_of("otto", "operator")) as tab:
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == "/changed"


def test_a_role_that_is_taken_away_counts_from_the_next_event(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_RETRY))

    with Tab(port, str(uuid4()), cookie=cookie_of("otto", "operator")) as tab:
        with open_work() as work:
            work.session.execute(update(Person).values(roles=["buyer"]))
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == ""


def test_a_page_that_is_not_allowed_says_so_in_its_place(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, "load", Access(Permission.ORDER_RETRY))

    with Tab(port, str(uuid4()), cookie=cookie_of("bea"), path="/nowhere?q=1") as tab:
        tab.settle()

        assert tab.var(SESSION, "loaded") is False
        assert tab.var(SESSION, "forbidden_path") == "/nowhere"


def test_a_closed_catalogue_wants_a_sign_in(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "show_forbidden", CATALOGUE)
    monkeypatch.setenv("PUBLIC_CATALOGUE", "false")
    settings.cache_clear()

    with Tab(port, str(uuid4())) as visitor:
        visitor.send(SHOW_FORBIDDEN, path="/changed")
        visitor.settle()
        assert "/auth/login" in words_of(visitor)
    with Tab(port, str(uuid4()), cookie=cookie_of("bea")) as buyer:
        buyer.send(SHOW_FORBIDDEN, path="/changed")
        buyer.settle()
        assert buyer.var(SESSION, "forbidden_path") == "/changed"

    monkeypatch.undo()
    settings.cache_clear()


def test_a_token_of_somebody_elses_state_gives_nothing_and_changes_nothing(port: int) -> None:
    token, hers = str(uuid4()), cookie_of("ann")
    with Tab(port, token, cookie=hers) as tab:
        tab.send(SHOW_FORBIDDEN, path="/hers")
        tab.settle()

    for stolen_with in (cookie_of("eve", "admin"), ""):
        with Tab(port, token, cookie=stolen_with) as stranger:
            assert stranger.var(SESSION, "forbidden_path") == ""
            assert "ann@company.example" not in json.dumps(stranger.state)
            stranger.send(SHOW_FORBIDDEN, path="/changed")
            stranger.settle()

    # She herself finds what she left.
    with Tab(port, token, cookie=hers) as tab:
        assert tab.var(SESSION, "forbidden_path") == "/hers"
        assert tab.var(SESSION, "email") == "ann@company.example"


def test_somebody_who_signs_in_anew_starts_with_an_empty_page(port: int) -> None:
    token = str(uuid4())
    with Tab(port, token, cookie=cookie_of("ann")) as tab:
        tab.send(SHOW_FORBIDDEN, path="/hers")
        tab.settle()

    with Tab(port, token, cookie=cookie_of("ann")) as tab:
        assert tab.var(SESSION, "forbidden_path") == ""


def test_the_state_of_a_visitor_stays_in_their_browser(port: int) -> None:
    token, own = str(uuid4()), f"{visitor_cookie()}=a-cookie-of-this-browser"
    with Tab(port, token, cookie=own) as tab:
        tab.send(SHOW_FORBIDDEN, path="/theirs")
        tab.settle()

    for other in ("", f"{visitor_cookie()}=another-browser"):
        with Tab(port, token, cookie=other) as stranger:
            assert stranger.var(SESSION, "forbidden_path") == ""
    with Tab(port, token, cookie=own) as tab:
        assert tab.var(SESSION, "forbidden_path") == "/theirs"


def test_a_visitor_cannot_pass_for_a_session(port: int) -> None:
    cookie, token = cookie_of("ann"), str(uuid4())
    session_id = person_of(cookie).session_id
    with Tab(port, token, cookie=cookie) as tab:
        tab.send(SHOW_FORBIDDEN, path="/hers")
        tab.settle()

    forged = f"{SESSION_ID}={session_id}; {visitor_cookie()}={session_id}"
    with Tab(port, token, cookie=forged) as stranger:
        assert stranger.var(SESSION, "forbidden_path") == ""
        assert stranger.var(SESSION, "signed_in") is False


def test_no_message_can_pose_as_a_new_connection(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    cookie, chosen = cookie_of("ann"), str(uuid4())
    person = person_of(cookie)
    session_id, hers = person.session_id, state_token(session_owner(person), chosen)
    with Tab(port, chosen, cookie=cookie) as tab:
        tab.send(SHOW_FORBIDDEN, path="/hers")
        tab.settle()

    with Tab(port, str(uuid4())) as stranger:
        stranger.pose_as_connecting(headers={"cookie": f"{SESSION_ID}={session_id}"}, token=hers)
        stranger.send(f"{ROOT}.hydrate")
        stranger.send(f"{SESSION}.load")
        stranger.settle()

        assert "/hers" not in json.dumps(stranger.state)
        assert stranger.var(SESSION, "signed_in") is False
    assert "poses as a new connection" in caplog.text


@pytest.mark.parametrize("event", [SHOW_FORBIDDEN, f"{ROOT}.hydrate"])
def test_an_open_page_starts_anew_when_its_session_has_ended(port: int, event: str) -> None:
    payload = {"path": "/changed"} if event == SHOW_FORBIDDEN else {}
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        end_sessions()
        tab.state.clear()
        tab.send(event, **payload)
        tab.until(lambda: "window.location.reload()" in words_of(tab))

        assert tab.state == {}


def test_after_signing_out_what_needs_a_permission_leads_to_sign_in(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_PLACE))
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        end_sessions()
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.until(lambda: "/auth/login?next=%2Fnowhere" in words_of(tab))


def test_what_is_kept_of_a_page_does_not_hold_the_cookie(web: tuple[int, App], port: int) -> None:
    cookie = cookie_of("ann")
    with Tab(port, str(uuid4()), cookie=cookie) as tab:
        assert tab.var(SESSION, "name") == "Ann"
        # Taken at once: pages that were left go meanwhile.
        states = list(web[1].state_manager.states.values())  # pyright: ignore[reportAttributeAccessIssue] - of the disk manager

    kept = [state.router_data for state in states]
    secret = cookie.partition("=")[2]
    assert any(str(person_of(cookie).session_id) in json.dumps(data) for data in kept)
    assert not any(secret in json.dumps(data) for data in kept)


def test_another_site_cannot_open_a_socket(port: int) -> None:
    assert knock(port, "https://evil.example") in range(400, 500)
    assert knock(port, "null") in range(400, 500)
    assert knock(port, settings().public_url) == HTTPStatus.SWITCHING_PROTOCOLS


def test_a_report_of_a_broken_page_is_cut_short(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    event = f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception"
    with Tab(port, str(uuid4())) as tab:
        tab.send(event, info="x" * 100_000, component_stack="")
        tab.settle()

    reports = (one.getMessage() for one in caplog.records if one.name == "state.failures")
    (said,) = (report for report in reports if "x" * 100 in report)
    assert LONGEST_REPORT <= len(said) < LONGEST_REPORT + 100


def person_of(cookie: str) -> Viewer:
    person = within(accounts.who_is_asking, token=cookie.partition("=")[2])
    assert person is not None
    return person


def test_a_page_gives_a_new_browser_its_cookie_once(port: int) -> None:
    page, wants = f"http://127.0.0.1:{port}/auth/logout", {"Accept": "text/html,*/*;q=0.8"}

    (given,) = get(page, headers=wants).headers.get_list("set-cookie")
    name, _, rest = given.partition("=")
    value, *flags = rest.split("; ")
    again = get(page, headers={**wants, "Cookie": f"{name}={value}"})
    program = get(page, headers={"Accept": "application/json"})

    assert (name, set(flags)) == (visitor_cookie(), {"Path=/", "HttpOnly", "SameSite=Lax"})
    assert len(value) > 40
    assert again.headers.get_list("set-cookie") == program.headers.get_list("set-cookie") == []


def test_the_other_name_of_this_machine_leads_to_the_proper_one(port: int) -> None:
    answer = get(f"http://127.0.0.1:{port}/auth/login?next=/basket")

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["location"] == f"{settings().public_url}/auth/login?next=%2Fbasket"


def test_without_any_cookie_a_state_lasts_as_long_as_the_connection(port: int) -> None:
    token = str(uuid4())
    with Tab(port, token) as tab:
        tab.send(SHOW_FORBIDDEN, path="/theirs")
        tab.settle()

    with Tab(port, token) as tab:
        assert tab.var(SESSION, "forbidden_path") == ""


def test_without_the_database_nobody_passes(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cookie = cookie_of("ann")
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_PLACE))
    with Tab(port, str(uuid4()), cookie=cookie) as tab:
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", "postgresql://nobody:nothing@127.0.0.1:9/none")
            settings.cache_clear()
            tab.send(SHOW_FORBIDDEN, path="/changed")
            tab.until(lambda: "try again in a moment" in words_of(tab))
            status = knock(port, settings().public_url, cookie)
        settings.cache_clear()
        tab.settle()

        assert tab.var(SESSION, "forbidden_path") == ""
    assert status >= 400
    assert f"Could not tell who sent {SHOW_FORBIDDEN}" in caplog.text


def test_what_is_refused_is_noted_in_the_audit(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_RETRY))
    cookie = cookie_of("bea", "buyer")
    # What others were refused before; beyond some, what differs is counted together.
    within(note_refusals)

    with Tab(port, str(uuid4()), cookie=cookie) as tab:
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.settle()
    within(note_refusals)

    with open_work() as work:
        hers = col(AuditEntry.actor_id) == str(person_of(cookie).person_id)
        is_refusal = col(AuditEntry.action) == AuditAction.REFUSED
        entry = work.session.scalars(select(AuditEntry).where(hers, is_refusal)).one()
    assert entry.subject_kind == "event"
    assert (entry.subject_id, entry.address) == (SHOW_FORBIDDEN, "127.0.0.1")
