"""What an open page does when its people's rights change, announced or not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app.models.accounts import Person, PersonSession
from app.services import accounts
from app.work import open_work, within
from state.rights import open_sessions
from state.rooms import RoomState
from state.session import SessionState
from tests.integration.accounts.socket_client import ROOT, Tab, cookie_of, words_of
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from app.views.accounts import Viewer

SESSION = SessionState.get_full_name()
ROOM = RoomState.get_full_name()
RELOAD = "window.location.reload()"
COMMAND_LINE = accounts.service_viewer("command line")


def person_of(cookie: str) -> Viewer:
    person = within(accounts.who_is_asking, token=cookie.partition("=")[2])
    assert person is not None
    return person


def take_away(person_id: UUID, role: str) -> None:
    within(
        accounts.change_roles,
        administrator=COMMAND_LINE,
        person_id=person_id,
        give=[],
        withhold=[role],
    )


def block(person_id: UUID) -> None:
    within(
        accounts.block_person, administrator=COMMAND_LINE, person_id=person_id, reason="A reason"
    )


def end_all(person_id: UUID) -> None:
    within(accounts.end_all_sessions_of, administrator=COMMAND_LINE, person_id=person_id)


def rights_change_unheard(person_id: UUID) -> None:
    """Change the row behind everybody's back, as if the announcement had been lost."""
    with open_work() as work:
        work.session.execute(
            update(Person)
            .where(col(Person.id) == person_id)
            .values(roles=["buyer"], rights_version=Person.rights_version + 1)
        )


def end_unheard(person_id: UUID) -> None:
    with open_work() as work:
        work.session.execute(delete(PersonSession).where(col(PersonSession.person_id) == person_id))


@pytest.mark.parametrize("path", ["/admin", "/", "/orders"])
@pytest.mark.parametrize(
    "happens",
    [
        lambda person_id: take_away(person_id, "operator"),
        block,
        end_all,
        rights_change_unheard,
        end_unheard,
    ],
    ids=["role taken away", "blocked", "sessions ended", "role changed unheard", "ended unheard"],
)
def test_an_open_page_starts_anew(port: int, path: str, happens: object) -> None:
    assert callable(happens)
    cookie = cookie_of("otto", "operator")
    with (
        Tab(port, str(uuid4()), cookie=cookie, path=path) as tab,
        Tab(port, str(uuid4()), cookie=cookie_of("olga", "operator"), path=path) as other,
    ):
        tab.settle()
        assert RELOAD not in words_of(tab)
        happens(person_of(cookie).person_id)
        tab.until(lambda: RELOAD in words_of(tab))
        other.settle()
        assert RELOAD not in words_of(other)


def test_a_page_that_started_anew_shows_what_may_still_be_shown(port: int) -> None:
    cookie, token = cookie_of("otto", "operator"), str(uuid4())
    person_id = person_of(cookie).person_id
    with Tab(port, token, cookie=cookie, path="/admin") as before:
        before.settle()
        assert before.var(SESSION, "forbidden_path") == ""
        take_away(person_id, "operator")
        before.until(lambda: RELOAD in words_of(before))
    within(
        accounts.change_roles,
        administrator=COMMAND_LINE,
        person_id=person_id,
        give=["buyer"],
        withhold=["operator"],
    )
    with Tab(port, token, cookie=cookie, path="/admin") as after:
        after.until(lambda: after.var(SESSION, "forbidden_path") == "/admin")
        assert after.var(SESSION, "roles") == ["buyer"]
    take_away(person_id, "admin")
    with Tab(port, token, cookie=cookie, path="/admin") as again:
        again.settle()
        assert again.var(SESSION, "forbidden_path") == ""


def test_what_was_shown_before_stays_behind_with_the_rights(port: int) -> None:
    cookie, token = cookie_of("otto", "operator"), str(uuid4())
    with Tab(port, token, cookie=cookie, path="/admin/feeds") as before:
        before.until(lambda: before.var(ROOM, "phase") == "shown")
        shown = before.var(ROOM, "page")
        within(
            accounts.change_roles,
            administrator=COMMAND_LINE,
            person_id=person_of(cookie).person_id,
            give=["buyer"],
            withhold=["operator"],
        )
        before.until(lambda: RELOAD in words_of(before))
        wait_until(lambda: not open_sessions.followed, "the page is still followed")
        # Answered, if only with a refusal, when everything before it has been sent.
        before.send(f"{SESSION}.setvar")
        before.until(lambda: "This cannot be used." in words_of(before))
        # The same connection, whose page does not do as it is told.
        before.state.clear()
        reloads = words_of(before).count(RELOAD)
        before.send(f"{ROOT}.hydrate")
        before.until(lambda: words_of(before).count(RELOAD) > reloads)
        assert before.state == {}
    with Tab(port, token, cookie=cookie, path="/admin/feeds") as after:
        after.settle()
        assert after.var(ROOM, "page") != shown
        assert after.var(ROOM, "phase") == "loading"


def test_nothing_is_followed_when_the_pages_are_closed(port: int) -> None:
    with Tab(port, str(uuid4()), cookie=cookie_of("ann"), path="/orders"):
        wait_until(lambda: open_sessions.followed, "the page is not followed")
    wait_until(lambda: not open_sessions.followed, "the closed page is still followed")
