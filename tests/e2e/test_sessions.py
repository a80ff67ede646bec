"""A session in a browser: it ends in every tab, and pages run nothing but our own scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import PATIENCE_MS, by_id, open_page, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.site import Site

REFUSED_SCRIPT = re.compile("inline script violates .*Content Security Policy")
REFUSED_HANDLER = re.compile("inline event handler violates .*Content Security Policy")


def test_signing_out_counts_in_every_tab(site: Site, page: Page, problems: list[str]) -> None:
    sign_in(page, site.url)
    other = page.context.new_page()
    watch(other, problems)
    open_page(other, site.url)
    expect(by_id(other, "account-menu").first).to_be_visible(timeout=PATIENCE_MS)

    by_id(page, "account-menu").first.click()
    page.get_by_role("link", name="Sign out").click()
    expect(by_id(page, "sign-in").first).to_be_visible(timeout=PATIENCE_MS)

    # The other tab starts anew by itself, as nobody.
    expect(by_id(other, "sign-in").first).to_be_visible(timeout=PATIENCE_MS)
    assert not [cookie for cookie in page.context.cookies() if "session" in cookie.get("name", "")]


def test_one_signs_out_of_another_browser_from_here(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    sign_in(page, site.url)
    by_id(page, "account-menu").first.click()
    by_id(page, "sessions-link").click()
    expect(page).to_have_url(f"{site.url}/account/sessions")
    expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()
    rows = by_id(page, "session-row")
    expect(rows.filter(has_text="this browser")).to_have_count(1, timeout=PATIENCE_MS)
    before = rows.count()

    with browser.new_context() as context:
        elsewhere = context.new_page()
        watch(elsewhere, problems)
        sign_in(elsewhere, site.url)
        # It shows without a reload, and so does that it has ended.
        expect(rows).to_have_count(before + 1, timeout=PATIENCE_MS)
        rows.nth(1).get_by_test_id("end-session").click()
        expect(rows).to_have_count(before, timeout=PATIENCE_MS)

        expect(by_id(elsewhere, "sign-in").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_link_elsewhere_cannot_sign_anybody_out(site: Site, page: Page) -> None:
    sign_in(page, site.url)

    # Typed or linked from elsewhere: the browser does not say that it was one of our own pages.
    page.goto(f"{site.url}/auth/logout")
    expect(page.get_by_role("heading", name="Sign out?")).to_be_visible()
    page.get_by_role("link", name="Go to the catalogue").click()
    expect(by_id(page, "account-menu").first).to_be_visible(timeout=PATIENCE_MS)

    page.goto(f"{site.url}/auth/logout")
    by_id(page, "notice-action").click()
    expect(by_id(page, "sign-in").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_script_slipped_into_a_page_does_not_run(
    site: Site, page: Page, problems: list[str]
) -> None:
    open_page(page, site.url)

    # That there is no such picture is the last that is said, and what runs when it fails to load.
    with (
        page.expect_console_message(lambda said: bool(REFUSED_SCRIPT.search(said.text))),
        page.expect_console_message(lambda said: bool(REFUSED_HANDLER.search(said.text))),
        page.expect_console_message(lambda said: "/none.png" in str(said.location)),
    ):
        page.evaluate(
            """() => {
                const slipped = document.createElement('script');
                slipped.textContent = 'window.slipped = true';
                document.body.append(slipped);
                const picture = document.createElement('div');
                picture.innerHTML = '<img src="/none.png" onerror="window.slipped = true">';
                document.body.append(picture);
            }"""
        )
    page.wait_for_function("document.querySelector('img[src=\"/none.png\"]').complete")

    assert page.evaluate("window.slipped") is None
    # The refusals, and the picture that is not there, are what this test is about.
    problems.clear()
