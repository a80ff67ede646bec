"""Signing out: here, at the provider, everywhere, and not because another site says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.config import settings
from app.services import accounts
from app.work import within
from tests.integration.accounts.provider import query_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.views.accounts import Viewer
    from tests.integration.accounts.provider import Browser

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
A_CLICK = {**FROM_OUR_PAGE, "Sec-Fetch-Dest": "document"}


def who(browser: Browser) -> Viewer | None:
    token = browser.web.cookies.get(accounts.session_cookie()) or ""
    return within(accounts.who_is_asking, token=token)


async def test_a_click_on_our_own_page_signs_out_here_and_at_the_provider(
    browser: Browser,
) -> None:
    await browser.sign_in()
    token = browser.web.cookies[accounts.session_cookie()]

    answer = await browser.web.get("/auth/logout", headers=A_CLICK)

    assert within(accounts.who_is_asking, token=token) is None
    assert accounts.session_cookie() not in browser.web.cookies
    asked = query_of(answer.headers["location"])
    assert asked["post_logout_redirect_uri"] == f"{settings().public_url}/"
    back = await browser.outside.get(answer.headers["location"])
    assert back.headers["location"] == f"{settings().public_url}/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {},
    ],
    ids=["a link elsewhere", "typed by hand", "a picture", "a browser that does not say"],
)
async def test_anything_else_that_leads_there_is_asked_first(
    browser: Browser, headers: dict[str, str]
) -> None:
    await browser.sign_in()

    answer = await browser.web.get("/auth/logout", headers=headers)

    assert answer.status_code == 200
    assert "Sign out?" in answer.text
    assert who(browser) is not None


async def test_the_form_signs_out(browser: Browser) -> None:
    await browser.sign_in()

    answer = await browser.submit("/auth/logout", headers=A_CLICK)

    assert answer.status_code == 303
    assert who(browser) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/auth/logout", "/auth/sign-out-everywhere"])
async def test_another_site_cannot_sign_anybody_out(
    browser: Browser, path: str, headers: dict[str, str]
) -> None:
    await browser.sign_in()

    answer = await browser.web.post(path, headers=headers)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert who(browser) is not None


async def test_everywhere_ends_every_session_of_that_person_alone(
    browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    second, colleague = new_browser(), new_browser()
    for one in (browser, second):
        await one.sign_in(person="buyer")
    await colleague.sign_in(person="operator")

    page = await browser.web.get("/auth/sign-out-everywhere")
    answer = await browser.submit("/auth/sign-out-everywhere", headers=A_CLICK)

    assert "every browser" in page.text
    assert answer.status_code == 303
    assert [who(browser), who(second)] == [None, None]
    assert who(colleague) is not None


async def test_everywhere_needs_somebody(browser: Browser) -> None:
    answer = await browser.web.get("/auth/sign-out-everywhere")

    assert answer.status_code == 401
    assert "/auth/login" in answer.text
