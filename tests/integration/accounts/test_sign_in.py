"""Signing in: where it leads, what it leaves behind, and what ends it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.acting import ActorKind
from app.config import settings
from app.integrations.identity import identity_provider
from app.models.accounts import Permission, Person, PersonSession
from app.models.audit import AuditEntry
from app.models.columns import now
from app.services import accounts
from app.services.audit import note_refusals
from app.work import open_work, within
from tests.integration.accounts.provider import path_of, query_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.views.accounts import Viewer
    from tests.integration.accounts.provider import Browser, TwistedProvider


def token_of(browser: Browser) -> str:
    return browser.web.cookies.get(accounts.session_cookie()) or ""


def who(browser: Browser) -> Viewer | None:
    return within(accounts.who_is_asking, token=token_of(browser))


def sessions() -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(PersonSession)) or 0


def change_session(**values: object) -> None:
    with open_work() as work:
        work.session.execute(update(PersonSession).values(**values))


async def test_one_returns_to_where_one_came_from_as_oneself(browser: Browser) -> None:
    answer = await browser.sign_in(next="/orders?state=failed", person="operator")

    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?state=failed")
    person = who(browser)
    assert person is not None
    assert (person.name, person.email) == ("Otto Lind", "operator@company.example")
    assert person.roles == ("operator",)
    assert person.may(Permission.ORDER_RETRY)


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: Browser) -> None:
    answer = await browser.sign_in()

    (cookie,) = (
        header
        for header in answer.headers.get_list("set-cookie")
        if header.startswith(accounts.session_cookie())
    )
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    seconds = int(settings().session_absolute.total_seconds())
    assert flags == {"httponly", "path=/", "samesite=lax", f"max-age={seconds}"}


async def test_under_https_the_cookie_is_secure_and_bound_to_the_host(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_URL", "https://shop.example")
    settings.cache_clear()

    a_click = {
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    answer = await browser.web.get("https://shop.example/auth/logout", headers=a_click)

    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_the_database_does_not_hold_the_cookie(browser: Browser) -> None:
    await browser.sign_in()

    with open_work() as work:
        row = work.session.scalars(select(PersonSession)).one()
    assert token_of(browser).encode() not in row.token_hash
    assert len(row.token_hash) == 32


async def test_signing_in_again_ends_the_session_before(browser: Browser) -> None:
    await browser.sign_in()
    before = token_of(browser)

    await browser.sign_in()

    assert token_of(browser) != before
    assert within(accounts.who_is_asking, token=before) is None
    assert sessions() == 1


async def test_a_person_is_the_same_and_what_is_said_of_them_is_refreshed(
    browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    await browser.sign_in(name="Kim Early", email="kim@company.example", groups="buyer")
    early = who(browser)
    later_browser = new_browser()
    await later_browser.sign_in(
        name="Kim Later", email="kim@company.example", groups="anythingyouwantt-operator buyer"
    )
    later = who(later_browser)

    assert early is not None
    assert later is not None
    assert early.person_id == later.person_id
    assert (later.name, later.roles) == ("Kim Later", ("buyer", "operator"))
    # The first browser is told on its next event, not at its next sign-in.
    assert who(browser) == replace(later, session_id=early.session_id)


async def test_somebody_in_no_known_group_is_told_whom_to_ask(browser: Browser) -> None:
    answer = await browser.sign_in(name="Gus Guest", email="gus@company.example", groups="guests")

    assert answer.status_code == 403
    assert "Ask your administrator" in answer.text
    assert "anythingyouwantt-buyer" in answer.text
    assert sessions() == 0
    assert not token_of(browser)
    with open_work() as work:
        assert work.session.scalars(select(Person)).all() == []


async def test_a_sign_in_that_failed_is_noted_with_who_it_was(browser: Browser) -> None:
    await browser.sign_in(name="Gil Guest", email="gil@company.example", groups="guests")
    within(note_refusals)
    with open_work() as work:
        gil = col(AuditEntry.actor_name) == "gil@company.example"
        entry = work.session.scalars(select(AuditEntry).where(gil)).one()
    assert (entry.action, entry.actor_kind) == ("person.sign-in-failed", ActorKind.NOBODY)
    assert entry.after
    assert "Ask your administrator" in entry.after["reason"]


@pytest.mark.parametrize(
    "column", ["seen_at", "expires_at"], ids=["idle for too long", "open for too long"]
)
async def test_a_session_ends_by_itself(browser: Browser, column: str) -> None:
    await browser.sign_in()
    past = now() - (settings().session_idle if column == "seen_at" else timedelta())

    change_session(**{column: past})

    assert who(browser) is None


async def test_use_is_noted_once_a_minute(browser: Browser) -> None:
    await browser.sign_in()
    seconds_ago, minutes_ago = (now() - timedelta(seconds=s) for s in (1, 90))

    change_session(seen_at=seconds_ago)
    who(browser)
    assert seen_at() == seconds_ago

    change_session(seen_at=minutes_ago)
    who(browser)
    assert seen_at() > seconds_ago


def seen_at() -> datetime:
    with open_work() as work:
        return work.session.scalars(select(col(PersonSession.seen_at))).one()


async def test_the_locale_comes_from_the_browser_where_the_token_has_none(
    browser: Browser, provider: TwistedProvider
) -> None:
    provider.twist_claims = lambda claims: claims.pop("locale")
    browser.web.headers["Accept-Language"] = "de-AT,de;q=0.9"

    await browser.sign_in()

    person = who(browser)
    assert person is not None
    assert person.locale == "de_AT"


async def test_a_code_works_once(browser: Browser) -> None:
    back = await browser.choose(await browser.begin(), person="buyer")
    await browser.come_back(back)
    attempt = query_of(await browser.begin())

    again = path_of(back).replace(query_of(back)["state"], attempt["state"])
    answer = await browser.come_back(again)

    assert answer.status_code == 403
    assert "Sign in again" in answer.text


async def test_an_answer_counts_in_the_browser_that_asked_and_once(
    browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    back = await browser.choose(await browser.begin(), person="buyer")

    elsewhere = await new_browser().come_back(back)
    here = await browser.come_back(back)
    again = await browser.come_back(back)

    assert [elsewhere.status_code, here.status_code, again.status_code] == [400, 303, 400]
    assert "has expired" in elsewhere.text


async def test_a_state_of_another_attempt_is_refused(browser: Browser) -> None:
    first = await browser.begin()
    back = await browser.choose(await browser.begin(), person="buyer")

    # The same first letters, so that the cookie of the first attempt is found.
    forged = query_of(first)["state"][:12] + query_of(back)["state"][12:]
    answer = await browser.come_back(path_of(back).replace(query_of(back)["state"], forged))

    assert answer.status_code == 400
    assert sessions() == 0


async def test_two_tabs_can_sign_in_at_once(browser: Browser) -> None:
    one, two = await browser.begin(next="/basket"), await browser.begin(next="/orders")

    second = await browser.come_back(await browser.choose(two, person="buyer"))
    first = await browser.come_back(await browser.choose(one, person="buyer"))

    assert (first.headers["location"], second.headers["location"]) == ("/basket", "/orders")


async def test_a_sign_in_broken_off_at_the_provider_says_so(browser: Browser) -> None:
    state = query_of(await browser.begin(next="/basket"))["state"]

    answer = await browser.web.get(
        "/auth/callback", params={"state": state, "error": "access_denied"}
    )

    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert f"/auth/login?next={quote('/basket', safe='')}" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "/%09/evil.example\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/auth/logout",
        "/" + "a" * 3000,
    ],
)
async def test_nobody_is_led_away(browser: Browser, address: str) -> None:
    answer = await browser.sign_in(next=address)

    assert answer.headers["location"] == "/"


async def test_the_other_name_of_this_machine_leads_to_the_proper_one(browser: Browser) -> None:
    answer = await browser.web.get("http://127.0.0.1:8000/auth/login?next=/basket")

    assert answer.headers["location"] == "http://localhost:8000/auth/login?next=%2Fbasket"


async def test_a_provider_that_is_away_is_said_and_can_be_tried_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTERNAL_AUTH_DOMAIN", "http://localhost:9")
    settings.cache_clear()
    identity_provider.cache_clear()

    answer = await browser.web.get("/auth/login", params={"next": "/basket"})

    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert "/auth/login?next=%2Fbasket" in answer.text
