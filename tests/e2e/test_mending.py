"""What is mended in the browser: an order is abandoned, an entry of the schedule is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import (
    PATIENCE_MS,
    WORK_MS,
    by_id,
    expect_state,
    open_page,
    place_order,
    sign_in,
    sign_in_as_somebody,
)
from tests.e2e.test_dashboard import change_order
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.site import Site


def test_an_operator_abandons_an_order_and_its_buyer_reads_why(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    sign_in_as_somebody(page, site.url)
    number = place_order(page, site.url, ["screwdriver"])
    expect_state(page, "completed")
    change_order(site, number, "failed")
    with browser.new_context(locale="en-GB") as elsewhere:
        other = elsewhere.new_page()
        watch(other, problems)
        sign_in(other, site.url, "operator")
        open_page(other, f"{site.url}/orders/{number}")
        expect_state(other, "failed")
        other.get_by_role("button", name="Abandon", exact=True).click()
        question = other.get_by_role("dialog", name=f"Abandon order {number}")
        press = question.get_by_role("button", name=f"Abandon order {number}")
        press.click()
        expect(question.get_by_role("alert")).to_contain_text("Say why", timeout=PATIENCE_MS)
        expect_state(other, "failed")
        question.get_by_label("Why it cannot be carried out").fill("The supplier has closed.")
        press.click()
        expect(question).to_be_hidden(timeout=PATIENCE_MS)
        expect_state(other, "abandoned")
    # The buyer's open page has followed by itself.
    expect_state(page, "abandoned")
    expect(by_id(page, "order-timeline")).to_contain_text("The supplier has closed.")
    expect(page.get_by_role("button", name="Abandon", exact=True)).to_have_count(0)


def test_an_administrator_runs_an_entry_of_the_schedule_now(site: Site, page: Page) -> None:
    sign_in(page, site.url, "admin")
    open_page(page, f"{site.url}/admin/schedule?q=clean-up")
    name = page.get_by_text("clean-up", exact=True)
    row = by_id(page, "room-row").filter(has=name)
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    # The program runs it by itself at night.
    before = runs(site, "clean_up")
    row.hover()
    row.get_by_role("button", name="Run now").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("1 entry will run now")
    question.get_by_role("button", name="Run now").click()
    expect(by_id(page, "toast").first).to_contain_text("1 entry queued", timeout=PATIENCE_MS)
    wait_until(lambda: runs(site, "clean_up") > before, "it has run")
    expect(row).to_contain_text("Done", timeout=WORK_MS)


def runs(site: Site, job: str) -> int:
    """Return how many jobs of this name are done."""
    with psycopg.connect(site.running["DATABASE_OWNER_URL"]) as connection:
        found = connection.execute(
            "SELECT count(*) FROM job WHERE state = 'done' AND name LIKE %s", [f"%.{job}"]
        ).fetchone()
    assert found
    return found[0]
