"""An operator at work in the rooms: looks, narrows, mends many at once and takes a list along."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.journeys import PATIENCE_MS, by_id, open_page, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site import Site

JOBS = 60
PROBLEM = "The catalogue could not be tidied."
# Given up, of a kind that does no harm when it is done once more.
FILL = """
WITH given_up AS (
    INSERT INTO job (id, queue, name, payload, state, attempts, max_attempts, timeout, due_at,
                     created_at, finished_at, problem)
    SELECT uuidv7(), 'feeds', 'jobs.feeds.tidy_catalogue', '{"vacuum": false}', 'dead', 1, 1, 60,
           now(), now(), now(), %(problem)s
    FROM generate_series(1, %(jobs)s)
    RETURNING id
)
INSERT INTO dead_letter (job_id, problem, created_at) SELECT id, %(problem)s, now() FROM given_up
"""


@pytest.fixture
def given_up(site: Site) -> None:
    """Write jobs that were given up."""
    with psycopg.connect(site.running["DATABASE_URL"]) as connection:
        connection.execute(FILL, {"jobs": JOBS, "problem": PROBLEM})


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'[data-filter="{name}"]').select_option(value)
    expect(page).to_have_url(re.compile(rf"[?&]{name}={value}"), timeout=PATIENCE_MS)


def narrow_and_turn_pages(page: Page, site: Site) -> None:
    """Filter and sort the jobs; both stand in the address, and a reload finds them there."""
    open_page(page, f"{site.url}/admin/jobs")
    expect(by_id(page, "room-row").first).to_be_visible(timeout=PATIENCE_MS)
    choose(page, "state", "dead")
    choose(page, "queue", "feeds")
    # The address changes first; the list, and where its links lead, come after it.
    by_created = page.get_by_role("link", name="Created")
    both = re.compile(r"(?=.*state=dead)(?=.*queue=feeds).*sort=created")
    expect(by_created).to_have_attribute("href", both, timeout=PATIENCE_MS)
    by_created.click()
    expect(page).to_have_url(both, timeout=PATIENCE_MS)
    page.reload()
    expect(by_id(page, "room-row")).to_have_count(50, timeout=PATIENCE_MS)
    page.get_by_role("link", name="Next").click()
    expect(by_id(page, "room-row")).to_have_count(JOBS - 50, timeout=PATIENCE_MS)
    page.get_by_role("link", name="Previous").click()
    expect(by_id(page, "room-row")).to_have_count(50, timeout=PATIENCE_MS)


def open_a_row_by_keyboard(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Payload")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(by_id(page, "room-row").first).to_be_visible(timeout=PATIENCE_MS)


def retry_everything(page: Page, site: Site) -> None:
    """Select a row by keyboard, then the page, then everything that matches, and retry it."""
    open_page(page, f"{site.url}/admin/dead-letters?queue=feeds")
    expect(by_id(page, "room-row")).to_have_count(50, timeout=PATIENCE_MS)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(by_id(page, "bulk-count")).to_have_text("1 selected", timeout=PATIENCE_MS)
    page.get_by_label("Select all rows of this page").click()
    by_id(page, "bulk-whole").click()
    expect(by_id(page, "bulk-count")).to_have_text(f"{JOBS} selected", timeout=PATIENCE_MS)
    page.locator('[data-testid="bulk-action"][data-action="retry"]').click()
    told = f"{JOBS} jobs will be done once more"
    expect(by_id(page, "confirm-sentence")).to_contain_text(told, timeout=PATIENCE_MS)
    by_id(page, "confirm-action").click()
    expect(by_id(page, "toast").first).to_contain_text(told, timeout=PATIENCE_MS)
    expect(by_id(page, "room-empty")).to_be_visible(timeout=3 * PATIENCE_MS)


def take_the_list_along(page: Page, file: Path) -> list[list[str]]:
    """Export what was retried; return the lines of the file, as soon as a worker has written it."""
    choose(page, "state", "retried")
    expect(by_id(page, "room-row")).to_have_count(50, timeout=PATIENCE_MS)
    by_id(page, "room-export").click()
    with page.expect_download(timeout=3 * PATIENCE_MS) as download:
        by_id(page, "room-download").click(timeout=3 * PATIENCE_MS)
    download.value.save_as(file)
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.usefixtures("given_up")
def test_an_operator_narrows_a_list_retries_what_was_given_up_and_takes_it_along(
    page: Page, site: Site, tmp_path: Path
) -> None:
    sign_in(page, site.url, "operator")
    narrow_and_turn_pages(page, site)
    open_a_row_by_keyboard(page)
    retry_everything(page, site)

    head, *rows = take_the_list_along(page, tmp_path / "list.csv")

    assert head[0] == "Job"
    assert len(rows) == JOBS
    assert all(PROBLEM in row[0] for row in rows)


def test_what_is_not_a_buyers_is_not_shown_to_one(page: Page, site: Site) -> None:
    sign_in(page, site.url, "buyer")
    open_page(page, f"{site.url}/admin/jobs")
    expect(page.get_by_text("This page is not yours to see")).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "room-row")).to_have_count(0)


def test_an_address_that_cannot_be_asked_says_so_and_leads_back(page: Page, site: Site) -> None:
    sign_in(page, site.url, "operator")
    open_page(page, f"{site.url}/admin/jobs?colour=red")
    refused = by_id(page, "room-refused")
    expect(refused).to_contain_text("cannot be filtered by “colour”", timeout=PATIENCE_MS)
    refused.get_by_role("link").click()
    expect(by_id(page, "room-row").first).to_be_visible(timeout=PATIENCE_MS)
    # An operator is no administrator: the way is not shown, and the room does not open.
    open_page(page, f"{site.url}/admin/settings")
    expect(by_id(page, "room-forbidden")).to_be_visible(timeout=PATIENCE_MS)


def test_days_are_picked_in_a_menu_and_stand_in_the_address(page: Page, site: Site) -> None:
    sign_in(page, site.url, "operator")
    open_page(page, f"{site.url}/admin/jobs")
    when = page.locator('[data-filter="when"]')
    when.click(timeout=PATIENCE_MS)
    page.get_by_label("From", exact=True).fill("2026-11-01")
    page.get_by_label("To", exact=True).fill("2026-11-20")
    page.get_by_role("button", name="Show these days").click()
    expect(page).to_have_url(re.compile(r"when=2026-11-01\.\.2026-11-20$"), timeout=PATIENCE_MS)
    expect(when).to_have_text("2026-11-01 to 2026-11-20", timeout=PATIENCE_MS)
    expect(page.get_by_label("From", exact=True)).to_be_hidden()

    when.click()
    page.get_by_role("button", name="Any time").click()

    expect(when).to_have_text("Created: any", timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(r"/admin/jobs$"))


def test_keys_reach_rows_without_a_page_and_a_question_takes_what_is_typed(
    page: Page, site: Site
) -> None:
    sign_in(page, site.url, "admin")
    open_page(page, f"{site.url}/admin/sessions")
    expect(by_id(page, "room-row").first).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(by_id(page, "bulk-count")).to_have_text("1 selected", timeout=PATIENCE_MS)
    page.keyboard.press("x")
    expect(by_id(page, "bulk-count")).to_have_count(0, timeout=PATIENCE_MS)

    open_page(page, f"{site.url}/admin/people")
    page.locator('[data-action="invite"]').click(timeout=PATIENCE_MS)

    expect(page.get_by_label("E-mail", exact=True)).to_be_focused(timeout=PATIENCE_MS)
