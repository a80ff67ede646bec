"""What the pages say to somebody who may not: nothing changes, and they are told what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import (
    PATIENCE_MS,
    add_to_basket,
    by_id,
    open_page,
    place_order,
    search,
    sign_in,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.site import Site


def test_somebody_not_signed_in_is_sent_to_sign_in_and_comes_back(site: Site, page: Page) -> None:
    open_page(page, site.url)
    search(page, "screwdriver")
    by_id(page, "product-card").first.click()
    expect(page).to_have_url(re.compile(r"/product/\d+"), timeout=PATIENCE_MS)
    product = page.url
    by_id(page, "add-to-basket").click()
    by_id(page, "sign-in-as-buyer").click()
    expect(page).to_have_url(product, timeout=PATIENCE_MS)
    expect(by_id(page, "account-menu").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_buyer_does_not_see_what_operators_see(site: Site, page: Page) -> None:
    sign_in(page, site.url)
    page.goto(f"{site.url}/admin")
    expect(page.get_by_role("heading", name="This page is not yours to see")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.get_by_text("Is any order stuck?")).to_have_count(0)


def test_another_persons_order_is_not_there(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    sign_in(page, site.url, "operator")
    add_to_basket(page, site.url, "desk")
    number = place_order(page, site.url, [])
    with browser.new_context(locale="en-GB") as elsewhere:
        other = elsewhere.new_page()
        watch(other, problems)
        sign_in(other, site.url)
        other.goto(f"{site.url}/orders/{number}")
        expect(other.get_by_text("There is no such order").first).to_be_visible(timeout=PATIENCE_MS)
        expect(by_id(other, "order-timeline")).to_have_count(0)
