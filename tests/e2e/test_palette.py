"""The palette, by keyboard alone: a few letters, Enter, and one is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.journeys import (
    PATIENCE_MS,
    by_id,
    open_page,
    place_order,
    sign_in,
    sign_in_as_somebody,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site import Site


def test_an_order_is_opened_by_its_number(site: Site, page: Page) -> None:
    sign_in_as_somebody(page, site.url)
    number = place_order(page, site.url, ["screwdriver"])
    open_page(page, site.url)
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    expect(by_id(page, "palette-input")).to_be_focused()
    page.keyboard.type(number)
    # Before the answer is there: it is waited for.
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/orders/{number}$"), timeout=PATIENCE_MS)
    expect(by_id(page, "order-number")).to_have_text(number, timeout=PATIENCE_MS)
    expect(by_id(page, "palette")).to_be_hidden()


def test_arrows_choose_and_escape_leads_back(site: Site, page: Page) -> None:
    sign_in(page, site.url)
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("screwdriver")
    # All of it: what was found for its first letters is taken away again.
    answered = page.locator("#palette-list[data-for=screwdriver]")
    expect(answered).to_be_attached(timeout=PATIENCE_MS)
    found = by_id(page, "palette-row").filter(visible=True)
    expect(found).to_have_count(5)
    expect(found.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-selected", "true")
    chosen = found.nth(1).get_attribute("id") or ""
    expect(by_id(page, "palette-input")).to_have_attribute("aria-activedescendant", chosen)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(found.nth(4)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(by_id(page, "palette")).to_be_hidden()
    expect(by_id(page, "search-box")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_class("dark")
    expect(by_id(page, "palette")).to_be_hidden()


def test_who_is_not_signed_in_finds_pages_and_products(site: Site, page: Page) -> None:
    open_page(page, site.url)
    by_id(page, "palette-open").click()
    by_id(page, "palette-input").fill("screwdriver")
    groups = by_id(page, "palette").get_by_role("group").filter(visible=True)
    expect(groups).to_have_count(1, timeout=PATIENCE_MS)
    expect(groups.first).to_have_accessible_name("Products")
    by_id(page, "palette-input").fill("dashboard")
    expect(page.get_by_text("Nothing is called that.")).to_be_visible(timeout=PATIENCE_MS)
