"""Signing in by a link: who gets one, where and how often it works, and what a stranger learns."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.config import settings
from app.integrations.ports import Identity
from app.models.accounts import Person, PersonSession, SendSignInLink, SignInLink
from app.models.columns import now, stored
from app.models.operations import Job, JobState
from app.models.ordering import Mail, MailboxMessage
from app.services import accounts
from app.services.accounts import links
from app.work import open_work, within
from jobs.mail import send_invitation, send_sign_in_link
from tests.integration.accounts.provider import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.views.accounts import Viewer

pytestmark = pytest.mark.usefixtures("database", "by_links")

OPERATOR = accounts.service_viewer("command line")
ANN = "ann@shop.example"


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    """Return a browser that nobody has used."""
    return open_browser()


def add(email: str = ANN, role: str = "buyer") -> None:
    within(accounts.add_person, administrator=OPERATOR, email=email, name="Ann", roles=[role])


def hidden_in(page: httpx2.Response) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def ask(browser: Browser, email: str = ANN, target: str = "/") -> httpx2.Response:
    """Ask for a link as a person does."""
    page = await browser.web.get("/auth/login", params={"next": target})
    form = {**hidden_in(page), "email": email}
    return await browser.web.post("/auth/login", data=form)


def carry_out() -> None:
    """Let the worker of mails do what was asked."""
    with open_work() as work:
        waiting = work.session.execute(
            select(col(Job.id), col(Job.name)).where(col(Job.state) == JobState.QUEUED)
        ).all()
    for job_id, name in waiting:
        function = send_sign_in_link if name == SendSignInLink.job else send_invitation
        function(str(job_id))


def mails() -> list[MailboxMessage]:
    with open_work() as work:
        found = work.session.scalars(select(MailboxMessage).order_by(col(MailboxMessage.id))).all()
        work.session.expunge_all()
        return list(found)


def link_in(mail: MailboxMessage) -> str:
    """Return the path of the link of a mail, which is the same as text and as HTML."""
    (address,) = set(re.findall(r"http://\S+/auth/link\?token=[\w-]+", mail.text))
    assert address in mail.html
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


async def mailed(browser: Browser, email: str = ANN, target: str = "/") -> str:
    """Ask for a link; return the path of what was mailed."""
    await ask(browser, email, target)
    carry_out()
    return link_in(mails()[-1])


async def press(browser: Browser, path: str) -> httpx2.Response:
    """Open a link and press its button."""
    page = await browser.web.get(path)
    assert page.status_code == 200, page.text
    return await browser.web.post("/auth/link", data=hidden_in(page))


def who(browser: Browser) -> Viewer | None:
    token = browser.web.cookies.get(accounts.session_cookie()) or ""
    return within(accounts.who_is_asking, token=token)


def count(table: type) -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_link_signs_in_the_browser_that_asked_and_leads_on(browser: Browser) -> None:
    add(role="operator")

    answer = await press(browser, await mailed(browser, f" {ANN.upper()} ", "/orders?state=failed"))

    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?state=failed")
    person = who(browser)
    assert person is not None
    assert (person.email, person.name, person.roles) == (ANN, "Ann", ("operator",))
    (cookie,) = (
        one
        for one in answer.headers.get_list("set-cookie")
        if one.startswith(accounts.session_cookie())
    )
    assert {"httponly", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}


async def test_a_stranger_learns_nothing(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    add()
    known = await ask(browser)
    unknown = await ask(open_browser(), "nobody@shop.example")
    odd = await ask(open_browser(), "no address")
    for unkept in ("a\x00nn@shop.example", "a\x7fnn@shop.example"):
        assert (await ask(open_browser(), unkept)).text == odd.text

    assert known.status_code == unknown.status_code == odd.status_code == 200
    assert known.text == unknown.text == odd.text
    # The same work, too: a row and a job each, and the rest is for the worker.
    assert (count(SignInLink), count(Job)) == (2, 2)
    carry_out()
    assert [mail.recipient for mail in mails()] == [ANN]


async def test_who_may_not_sign_in_is_mailed_nothing(browser: Browser) -> None:
    add()
    add("bob@shop.example")
    person_id = within(accounts.person_meant, viewer=OPERATOR, who=ANN)
    within(accounts.block_person, administrator=OPERATOR, person_id=person_id, reason="A reason")
    bob = within(accounts.person_meant, viewer=OPERATOR, who="bob@shop.example")
    within(
        accounts.change_roles, administrator=OPERATOR, person_id=bob, give=[], withhold=["buyer"]
    )

    await ask(browser)
    await ask(browser, "bob@shop.example")
    carry_out()

    assert mails() == []


async def test_looking_at_a_link_does_not_use_it_up(browser: Browser) -> None:
    add()
    path = await mailed(browser)

    for _ in range(3):
        assert "signed in as ann@shop.example" in (await browser.web.get(path)).text

    assert count(PersonSession) == 0
    assert (await press(browser, path)).status_code == 303


async def test_it_works_once(browser: Browser) -> None:
    add()
    path = await mailed(browser)
    page = await browser.web.get(path)
    await browser.web.post("/auth/link", data=hidden_in(page))
    browser.web.cookies.delete(accounts.session_cookie())

    again = await browser.web.post("/auth/link", data=hidden_in(page))
    await ask(browser)
    opened = await browser.web.get(path)

    assert again.status_code == opened.status_code == 403
    assert count(PersonSession) == 1
    assert who(browser) is None


async def test_it_works_in_the_browser_that_asked_only(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    add()
    path = await mailed(browser)
    other = open_browser()
    await ask(other, "somebody.else@shop.example")

    for stranger in (other, open_browser()):
        answer = await stranger.web.get(path)
        assert answer.status_code == 403
        assert "another browser" in answer.text
        form = {**hidden_in(await stranger.web.get("/auth/login")), "token": path.split("=")[1]}
        assert (await stranger.web.post("/auth/link", data=form)).status_code == 403
        assert who(stranger) is None

    assert (await press(browser, path)).status_code == 303


async def test_it_works_for_a_quarter_of_an_hour(browser: Browser) -> None:
    add()
    path = await mailed(browser)
    with open_work() as work:
        work.session.execute(update(SignInLink).values(expires_at=now()))

    answer = await browser.web.get(path)

    assert answer.status_code == 403
    assert "15 minutes old" in answer.text


@pytest.mark.parametrize("token", ["", "x" * 43, "é" * 40, "a" * 200])
async def test_a_forged_link_says_so(browser: Browser, token: str) -> None:
    answer = await browser.web.get("/auth/link", params={"token": token})

    assert answer.status_code == 403
    assert "not one of ours" in answer.text


async def test_a_block_counts_for_a_link_that_is_on_its_way(browser: Browser) -> None:
    add()
    path = await mailed(browser)
    page = await browser.web.get(path)
    person_id = within(accounts.person_meant, viewer=OPERATOR, who=ANN)
    within(accounts.block_person, administrator=OPERATOR, person_id=person_id, reason="A reason")

    answer = await browser.web.post("/auth/link", data=hidden_in(page))

    assert answer.status_code == 403
    assert "has been blocked" in answer.text
    assert count(PersonSession) == 0


async def test_an_address_and_a_place_are_mailed_a_few_links_only(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    add()
    answers = [await ask(browser) for _ in range(links.MOST_FOR_ONE + 3)]
    assert len({answer.text for answer in answers}) == 1
    assert count(SignInLink) == links.MOST_FOR_ONE

    for number in range(links.MOST_FROM_ONE):
        await ask(open_browser(), f"{number}@shop.example")
    assert count(SignInLink) == links.MOST_FROM_ONE

    with open_work() as work:
        work.session.execute(
            update(SignInLink).values(created_at=now() - links.LINK_LIFE - timedelta(seconds=1))
        )
    await ask(browser)
    assert count(SignInLink) == links.MOST_FROM_ONE + 1


async def test_the_token_stands_in_the_mail_and_nowhere_else(browser: Browser) -> None:
    add()
    token = (await mailed(browser)).split("=")[1]

    with open_work() as work:
        link = work.session.scalars(select(SignInLink)).one()
        payloads = [str(job.payload) for job in work.session.scalars(select(Job))]
    assert token.encode() not in (link.token_hash or b"")
    assert not any(token in payload or ANN in payload for payload in payloads)
    # The ledger is read by operators.
    assert count(Mail) == 0


async def test_a_second_try_of_the_mail_replaces_the_first_link(browser: Browser) -> None:
    add()
    first = await mailed(browser)
    with open_work() as work:
        link_id = stored(work.session.scalars(select(col(SignInLink.id))).one())
    again = within(accounts.sign_in_mail, link_id=link_id)
    assert again is not None

    answer = await browser.web.get(first)
    assert answer.status_code == 403
    (path,) = set(re.findall(r"/auth/link\?token=[\w-]+", again.text))
    assert (await press(browser, path)).status_code == 303


async def test_somebody_elses_namesake_at_a_provider_is_another_person(browser: Browser) -> None:
    add()
    identity = Identity(
        issuer="https://login.example",
        subject="ann",
        email=ANN,
        name="Ann of the company",
        groups=("admin",),
        locale="en",
        id_token="",
    )
    within(accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser())

    await press(browser, await mailed(browser))

    person = who(browser)
    assert person is not None
    assert person.roles == ("buyer",)
    assert count(Person) == 2


async def test_where_links_are_off_no_route_answers(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGN_IN_LINKS", "false")
    settings.cache_clear()

    assert (await browser.web.get("/auth/link")).status_code == 404
    form = hidden_in(await browser.web.get("/auth/logout"))
    assert (await browser.web.post("/auth/login", data=form)).status_code == 404


async def test_the_page_offers_the_provider_where_there_is_one(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = await browser.web.get("/auth/login", params={"next": "/orders"})
    monkeypatch.setenv("EXTERNAL_AUTH_DOMAIN", "https://login.example")
    settings.cache_clear()
    both = await browser.web.get("/auth/login", params={"next": "/orders"})

    assert alone.status_code == both.status_code == 200
    assert 'name="next" value="/orders"' in alone.text
    assert "/auth/provider" not in alone.text
    assert "/auth/provider?next=%2Forders" in both.text
