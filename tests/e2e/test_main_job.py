"""The main job, as a buyer does it: from signing in to an order that has completed by itself."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import (
    PATIENCE_MS,
    add_to_basket,
    by_id,
    expect_state,
    open_page,
    place_order,
    search,
    sign_in,
    sign_in_as_somebody,
)
from tests.e2e.processes import held, pid_of, valkey_of
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.site import Site


@pytest.fixture
def without_redis(site: Site) -> Iterator[None]:
    """Leave the program as it was before Redis was away, in which a test stops it.

    Signing in is counted, and so it is closed for a moment after that.
    """
    yield
    wait_until(
        lambda: httpx.get(f"{site.url}/auth/login", timeout=60).status_code < 500, "one can sign in"
    )


def test_an_order_completes_by_itself_on_an_open_page(site: Site, page: Page) -> None:
    sign_in(page, site.url)
    number = place_order(page, site.url, ["screwdriver", "desk"])

    expect_state(page, "completed")
    expect(by_id(page, "order-timeline")).to_contain_text("Purchase order mailed to")

    page.goto(f"{site.url}/mailbox")
    subjects = by_id(page, "mailbox-message").get_by_test_id("mailbox-subject")
    expect(subjects.filter(has_text=number).first).to_be_visible(timeout=PATIENCE_MS)

    page.goto(f"{site.url}/orders")
    expect(page.get_by_text(number, exact=True).first).to_be_visible(timeout=PATIENCE_MS)


def test_the_button_never_adds_the_product_that_was_on_the_page_before(
    site: Site, page: Page
) -> None:
    sign_in_as_somebody(page, site.url)
    # Pressed as soon as the address is that of the second product.
    names = [add_to_basket(page, site.url, words) for words in ("screwdriver", "desk")]
    by_id(page, "basket-link").first.click()
    lines = by_id(page, "basket-line")
    for name in names:
        expect(lines.filter(has_text=name)).to_have_count(1, timeout=PATIENCE_MS)


def test_a_mistyped_word_finds_what_was_meant(site: Site, page: Page) -> None:
    open_page(page, site.url)
    search(page, "scewdriver")
    expect(by_id(page, "product-name").first).to_contain_text(
        re.compile("screwdriver", re.IGNORECASE), timeout=PATIENCE_MS
    )


def test_a_link_reload_and_the_back_button_restore_the_search(site: Site, page: Page) -> None:
    open_page(page, f"{site.url}/?q=screwdriver")
    names = by_id(page, "product-name")
    expect(names.first).to_contain_text(
        re.compile("screwdriver", re.IGNORECASE), timeout=PATIENCE_MS
    )
    expect(by_id(page, "search-box").first).to_have_value("screwdriver")
    first = names.first.inner_text()
    page.reload()
    expect(names.first).to_have_text(first, timeout=PATIENCE_MS)
    by_id(page, "product-card").first.click()
    expect(page).to_have_url(re.compile(r"/product/\d+"), timeout=PATIENCE_MS)
    page.go_back()
    expect(names.first).to_have_text(first, timeout=PATIENCE_MS)
    expect(by_id(page, "search-box").first).to_have_value("screwdriver")


def test_another_window_sees_the_order_without_a_reload(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    with browser.new_context(locale="en-GB") as elsewhere:
        other = elsewhere.new_page()
        watch(other, problems)
        sign_in(other, site.url, "operator")
        sign_in_as_somebody(page, site.url)
        with held(pid_of(site, "worker mail")):
            number = place_order(page, site.url, ["screwdriver"])
            other.goto(f"{site.url}/orders/{number}")
            expect_state(other, "pending")
            expect_state(page, "pending")
        expect_state(other, "completed")
        expect_state(page, "completed")


def test_the_order_list_and_the_badge_follow_what_another_window_does(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    sign_in_as_somebody(page, site.url)
    with browser.new_context(
        locale="en-GB", storage_state=page.context.storage_state()
    ) as elsewhere:
        other = elsewhere.new_page()
        watch(other, problems)
        open_page(other, f"{site.url}/orders")
        expect(other.get_by_text("No orders yet")).to_be_visible(timeout=PATIENCE_MS)
        add_to_basket(page, site.url, "desk")
        expect(by_id(other, "basket-link").first).to_contain_text("1", timeout=PATIENCE_MS)
        number = place_order(page, site.url, [])
        expect(other.get_by_text(number, exact=True).first).to_be_visible(timeout=PATIENCE_MS)


def test_an_order_that_waits_is_cancelled_from_its_page(site: Site, page: Page) -> None:
    sign_in_as_somebody(page, site.url)
    with held(pid_of(site, "worker mail")):
        number = place_order(page, site.url, ["screwdriver"])
        expect_state(page, "pending")
        page.get_by_role("button", name="Cancel").first.click()
        question = page.get_by_role("dialog")
        question.get_by_role("button", name=f"Cancel order {number}").click()

        # First what does not stay.
        expect(page.get_by_text(f"Order {number} is cancelled")).to_be_visible()
        expect_state(page, "cancelled")
        expect(question).to_be_hidden()


@pytest.mark.usefixtures("without_redis")
def test_an_order_waits_for_a_redis_that_is_away_and_goes_out_when_it_is_back(
    site: Site, page: Page
) -> None:
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "screwdriver")
    with held(pid_of(site, valkey_of(site))):
        place_order(page, site.url, [])
        expect_state(page, "pending")
    expect_state(page, "completed")


@pytest.mark.usefixtures("without_redis")
def test_an_order_survives_a_redis_that_dies(site: Site, page: Page) -> None:
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "screwdriver")
    os.kill(pid_of(site, valkey_of(site)), signal.SIGKILL)
    place_order(page, site.url, [])
    expect_state(page, "completed")


def test_a_click_too_many_places_one_order(site: Site, page: Page) -> None:
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "screwdriver")
    by_id(page, "basket-link").first.click()
    # The button stands beside the form, which may come after it.
    expect(page.get_by_label("Whom to ask", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    button = by_id(page, "place-order")
    expect(button).to_be_enabled(timeout=PATIENCE_MS)
    button.dblclick()
    expect(page).to_have_url(re.compile(r"/orders/\d+"), timeout=PATIENCE_MS)
    number = by_id(page, "order-number")
    expect(number).to_have_text(re.compile(r"^\d+$"), timeout=PATIENCE_MS)
    # A page that is loaded anew waits its turn behind what the second press has begun.
    placed = number.inner_text()
    open_page(page, f"{site.url}/orders")
    expect(page.locator("main a.row-link")).to_have_text([placed], timeout=PATIENCE_MS)
