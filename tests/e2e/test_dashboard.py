"""The dashboard: what is wrong is said in a tile, and the tile leads to where it is mended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import (
    PATIENCE_MS,
    by_id,
    expect_state,
    open_page,
    place_order,
    sign_in,
    sign_in_as_somebody,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.site import Site


def test_a_failed_order_is_said_and_one_press_away(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    sign_in_as_somebody(page, site.url)
    number = place_order(page, site.url, ["screwdriver"])
    expect_state(page, "completed")
    with browser.new_context(locale="en-GB") as elsewhere:
        other = elsewhere.new_page()
        watch(other, problems)
        sign_in(other, site.url, "operator")
        change_order(site, number, "failed")
        try:
            open_page(other, f"{site.url}/admin")
            tile = other.get_by_role("link", name=re.compile("Is any order stuck"))
            expect(tile).to_contain_text("Yes", timeout=PATIENCE_MS)
            tile.click()
            expect(other).to_have_url(re.compile(r"/admin/orders\?state=failed$"))
            row = by_id(other, "room-row").filter(has_text=number)
            expect(row).to_have_count(1, timeout=PATIENCE_MS)
            expect(row).to_contain_text("Failed")
        finally:
            change_order(site, number, "completed")


def test_g_and_a_letter_lead_to_a_room_that_one_may_see(site: Site, page: Page) -> None:
    sign_in(page, site.url, "operator")
    page.keyboard.type("gd")
    expect(page).to_have_url(re.compile(r"/admin/dead-letters(\?|$)"), timeout=PATIENCE_MS)
    # The address changes before the page does, and what opens on the old one leaves with it.
    expect(page.get_by_role("heading", level=1)).to_have_text("Dead letters", timeout=PATIENCE_MS)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("Dead letters")).to_be_visible()


def test_a_buyer_is_shown_no_way_to_the_rooms(site: Site, page: Page) -> None:
    sign_in(page, site.url)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("Catalogue")).to_be_visible()
    expect(keys.get_by_text("Dead letters")).to_have_count(0)
    expect(page.locator('a[href^="/admin"]')).to_have_count(0)


def change_order(site: Site, number: str, state: str) -> None:
    """Move an order as no page could, so that something is wrong."""
    url = site.running["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE orders SET state = %s WHERE number = %s", (state, number))
