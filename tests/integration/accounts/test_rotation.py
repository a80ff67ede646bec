"""A change of rights gives the browser another cookie with the next page; so does signing in."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.api.handshake import visitor_cookie
from app.models.accounts import PersonSession
from app.models.columns import now
from app.services import accounts
from app.services.accounts import queries
from app.work import open_work, within
from state.session import SessionState
from tests.integration.accounts.socket_client import Tab, cookie_of
from tests.integration.accounts.test_sign_out import A_CLICK

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from app.views.accounts import Viewer
    from tests.integration.accounts.provider import Browser

A_PAGE = {"Accept": "text/html,*/*;q=0.8"}
# A page of ours that anybody may ask for, and that changes nothing.
PAGE = "/auth/logout"
SESSION = SessionState.get_full_name()


@pytest.fixture(autouse=True)
def long_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing end by itself while a busy machine carries out a test."""
    monkeypatch.setattr(queries, "GRACE", timedelta(hours=1))


def token_of(browser: Browser) -> str:
    return browser.web.cookies.get(accounts.session_cookie()) or ""


def who(token: str) -> Viewer | None:
    return within(accounts.who_is_asking, token=token)


def give(person: Viewer, role: str) -> None:
    within(
        accounts.change_roles,
        administrator=accounts.service_viewer("command line"),
        person_id=person.person_id,
        give=[role],
        withhold=[],
    )


async def signed_in(browser: Browser) -> tuple[str, Viewer]:
    await browser.sign_in()
    person = who(token_of(browser))
    assert person is not None
    return token_of(browser), person


async def ask(browser: Browser, token: str) -> httpx2.Response:
    """Ask for a page with this token, whatever the browser has by now."""
    return await browser.web.get(
        PAGE, headers={**A_PAGE, "Cookie": f"{accounts.session_cookie()}={token}"}
    )


def replaced(answer: httpx2.Response) -> list[str]:
    """Return the cookies of a session that an answer sets."""
    cookies = answer.headers.get_list("set-cookie")
    return [one for one in cookies if one.startswith(accounts.session_cookie())]


def the_grace_is_over() -> None:
    with open_work() as work:
        work.session.execute(update(PersonSession).values(rotated_at=now() - queries.GRACE))


async def test_a_change_of_rights_replaces_the_cookie_once_and_keeps_the_session(
    browser: Browser,
) -> None:
    before, person = await signed_in(browser)
    unchanged = await browser.web.get(PAGE, headers=A_PAGE)
    give(person, "operator")

    first = await browser.web.get(PAGE, headers=A_PAGE)
    second = await browser.web.get(PAGE, headers=A_PAGE)

    assert [len(replaced(one)) for one in (unchanged, first, second)] == [0, 1, 0]
    after = who(token_of(browser))
    assert token_of(browser) != before
    assert after is not None
    assert after.session_id == person.session_id
    assert after.roles == ("buyer", "operator")


async def test_the_new_cookie_is_as_safe_as_the_first_and_lasts_no_longer(browser: Browser) -> None:
    _, person = await signed_in(browser)
    with open_work() as work:
        ends = now() + timedelta(hours=1)
        work.session.execute(update(PersonSession).values(expires_at=ends))
    give(person, "operator")

    (cookie,) = replaced(await browser.web.get(PAGE, headers=A_PAGE))

    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    seconds = {flag for flag in flags if flag.startswith("max-age=")}
    assert flags - seconds == {"httponly", "path=/", "samesite=lax"}
    left = int((ends - now()).total_seconds())
    assert left <= int(seconds.pop().removeprefix("max-age=")) <= 3600


async def test_the_cookie_before_counts_for_requests_under_way_and_then_no_more(
    browser: Browser,
) -> None:
    before, person = await signed_in(browser)
    give(person, "operator")

    answers = await asyncio.gather(*(ask(browser, before) for _ in range(5)))

    assert sum(len(replaced(one)) for one in answers) == 1
    assert who(before) is not None
    the_grace_is_over()
    assert who(before) is None
    assert replaced(await ask(browser, before)) == []


async def test_signing_out_with_the_cookie_before_ends_the_session(browser: Browser) -> None:
    before, person = await signed_in(browser)
    give(person, "operator")
    await browser.web.get(PAGE, headers=A_PAGE)

    within(accounts.sign_out, token=before)

    assert who(token_of(browser)) is None


async def test_signing_out_has_the_last_word_over_a_new_cookie(browser: Browser) -> None:
    _, person = await signed_in(browser)
    give(person, "operator")

    answer = await browser.web.get(PAGE, headers={**A_PAGE, **A_CLICK})

    assert answer.status_code == 303
    assert not token_of(browser)


async def test_the_form_of_the_page_that_brings_a_new_cookie_works(browser: Browser) -> None:
    _, person = await signed_in(browser)
    give(person, "operator")
    browser.web.headers.update(A_PAGE)

    answer = await browser.submit(PAGE, A_CLICK)

    assert answer.status_code == 303
    assert who(token_of(browser)) is None


async def test_a_page_begins_anew_with_other_rights_and_keeps_its_state_with_the_same(
    port: int,
) -> None:
    cookie, token = cookie_of("ann"), str(uuid4())
    with Tab(port, token, cookie=cookie) as tab:
        tab.send(f"{SESSION}.show_forbidden", path="/hers")
        tab.settle()
    with Tab(port, token, cookie=cookie) as tab:
        assert tab.var(SESSION, "forbidden_path") == "/hers"
    person = who(cookie.partition("=")[2])
    assert person is not None
    give(person, "operator")

    rotated = within(accounts.rotate, token=cookie.partition("=")[2])
    assert rotated is not None

    with Tab(port, token, cookie=f"{accounts.session_cookie()}={rotated.token}") as tab:
        assert tab.var(SESSION, "forbidden_path") == ""


async def test_a_cookie_that_was_planted_before_signing_in_is_worth_nothing_after(
    browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    attacker = new_browser()
    theirs, eve = await signed_in(attacker)
    for planted in ("a-token-that-the-attacker-chose", theirs):
        browser.web.cookies.clear()
        browser.web.cookies.set(accounts.session_cookie(), planted, domain="localhost.local")
        browser.web.cookies.set(visitor_cookie(), "the-attackers-own", domain="localhost.local")

        await browser.sign_in(person="operator")

        given = token_of(browser)
        assert given not in {planted, ""}
        assert who(planted) is None
        person = who(given)
        assert person is not None
        assert person.person_id != eve.person_id
