"""What open pages in a browser show when somebody takes a right away: at once, without a click."""

from __future__ import annotations

import re
import sys
from subprocess import run
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from app.config import PROJECT_ROOT
from tests.e2e.journeys import PATIENCE_MS, by_id, open_page, sign_in
from tests.running import COMMAND_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site import Site

FORBIDDEN = "This page is not yours to see"
ALLOWED = "Is any order stuck?"


def user(site: Site, *arguments: str) -> None:
    """Run `python -m app user …` on this installation, as its operator does."""
    run(
        [sys.executable, "-m", "app", "user", *arguments],
        cwd=PROJECT_ROOT,
        env=site.environment(),
        check=True,
        timeout=COMMAND_SECONDS,
    )


def test_a_role_that_is_taken_away_closes_the_page_it_opened(site: Site, page: Page) -> None:
    sign_in(page, site.url, person="operator")
    open_page(page, f"{site.url}/admin")
    expect(page.get_by_text(ALLOWED)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(FORBIDDEN)).to_have_count(0)
    before = session_cookie(page)

    user(site, "roles", "operator@company.example", "--give=buyer", "--withhold=operator")
    try:
        expect(page.get_by_text(FORBIDDEN)).to_be_visible(timeout=PATIENCE_MS)
        expect(by_id(page, "account-menu").first).to_be_visible()
        # The page that started anew has brought another cookie.
        assert session_cookie(page) != before
    finally:
        user(site, "roles", "operator@company.example")
    expect(page.get_by_text(ALLOWED)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(FORBIDDEN)).to_have_count(0)


def test_the_page_of_somebody_who_is_blocked_leaves_them(
    site: Site, page: Page, problems: list[str]
) -> None:
    sign_in(page, site.url, person="operator")
    open_page(page, f"{site.url}/orders")

    user(site, "block", "operator@company.example", "--reason=Lost their laptop")
    try:
        # The page starts anew as nobody, who has to sign in; and that is refused.
        expect(page).to_have_url(re.compile("/authorize|/login"), timeout=PATIENCE_MS)
        by_id(page, "sign-in-as-operator").click()
        expect(page.get_by_text("has been blocked")).to_be_visible(timeout=PATIENCE_MS)
    finally:
        user(site, "unblock", "operator@company.example")
    assert all("/auth/callback" in one for one in problems)
    # The refusal is what this test is about.
    problems.clear()


def session_cookie(page: Page) -> str:
    """Return the value of the cookie of the person's session."""
    (value,) = (
        cookie.get("value", "")
        for cookie in page.context.cookies()
        if cookie.get("name", "").startswith("session-")
    )
    return value
