"""A snapshot from the catalogue to the mail: taken, followed, opened, searched, downloaded."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import (
    PATIENCE_MS,
    by_id,
    open_page,
    place_order,
    search,
    sign_in_as_somebody,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.site import Site

STORED = re.compile("stored|notified")
# Until workers have taken one, on a machine that is busy with other tests.
TAKEN_MS = 3 * PATIENCE_MS


def test_a_snapshot_is_taken_followed_searched_and_downloaded(
    site: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    sign_in_as_somebody(page, site.url)
    _take_what_is_searched(page, "bottle")
    row = by_id(page, "snapshot-row").first
    expect(row).to_contain_text("bottle", timeout=PATIENCE_MS)
    # Of the mails below the newest is about this one.
    expect(row.get_by_test_id("snapshot-status")).to_have_text("notified", timeout=TAKEN_MS)
    row.get_by_role("link").first.click()
    expect(by_id(page, "past-banner")).to_contain_text("as it was on", timeout=PATIENCE_MS)
    inside = page.url
    _look_for(page, "750 ml")
    content = _download(page, "snapshot-download")
    assert content[:4] == b"PAR1"
    assert "bottle" in _download(page, "snapshot-download-csv").decode("utf-8-sig").lower()
    link = _mailed(site, page)
    with browser.new_context(locale="en-GB") as elsewhere:
        other = elsewhere.new_page()
        watch(other, problems)
        # Whoever has the link needs no account, and gets the file and nothing else.
        other.goto(link)
        assert _download(other, "snapshot-download") == content
        other.goto(inside)
        expect(by_id(other, "sign-in-as-buyer")).to_be_visible(timeout=PATIENCE_MS)
    forged = httpx.get(link[:-4] + "AAAA", timeout=PATIENCE_MS / 1000)
    assert (forged.status_code, "This link is not valid" in forged.text) == (403, True)


def _take_what_is_searched(page: Page, words: str) -> None:
    """Search, take a snapshot of that, and be led to the list, which follows by itself."""
    search(page, words)
    take = by_id(page, "take-snapshot")
    expect(take).to_contain_text("Snapshot this search", timeout=PATIENCE_MS)
    take.click()
    expect(page).to_have_url(re.compile(r"/snapshots$"), timeout=PATIENCE_MS)


def _take_everything(site: Site, page: Page) -> None:
    """Take a snapshot of everything and wait until it is stored."""
    open_page(page, f"{site.url}/snapshots")
    by_id(page, "take-snapshot").first.click()
    row = by_id(page, "snapshot-row").first
    expect(row).to_contain_text("The whole catalogue", timeout=PATIENCE_MS)
    expect(row.get_by_test_id("snapshot-status")).to_have_text(STORED, timeout=TAKEN_MS)


def _look_for(page: Page, words: str) -> None:
    """Search inside the snapshot; nothing there can be ordered."""
    expect(by_id(page, "product-card").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "add-to-basket-card")).to_have_count(0)
    box = by_id(page, "snapshot-search")
    box.fill(words)
    box.press("Enter")
    first = words.split(maxsplit=1)[0]
    expect(page).to_have_url(re.compile(rf"[?]q={first}"), timeout=PATIENCE_MS)
    expect(by_id(page, "product-name").first).to_contain_text(
        re.compile(first, re.IGNORECASE), timeout=PATIENCE_MS
    )


def _download(page: Page, button: str) -> bytes:
    """Press a button and return the file that comes."""
    with page.expect_download() as file:
        by_id(page, button).click()
    return file.value.path().read_bytes()


def _mailed(site: Site, page: Page) -> str:
    """Return the link in the mail that the snapshot is ready."""
    open_page(page, f"{site.url}/mailbox")
    mail = by_id(page, "mailbox-message").filter(has_text="Your snapshot is ready").first
    expect(mail).to_be_visible(timeout=PATIENCE_MS)
    mail.get_by_test_id("mailbox-subject").click()
    frame = page.frame_locator("iframe").first
    found = frame.get_by_role("link", name="Open the snapshot").get_attribute("href")
    assert found is not None
    return found


def test_an_order_names_what_proves_its_prices(site: Site, page: Page) -> None:
    sign_in_as_somebody(page, site.url)
    _take_everything(site, page)
    place_order(page, site.url, ["screwdriver"])
    proof = by_id(page, "order-proof")
    expect(proof).to_contain_text(re.compile(r"price point \d+"), timeout=PATIENCE_MS)
    expect(proof).to_contain_text(re.compile(r"Before.*[0-9a-f]{64}", re.DOTALL))


def test_all_that_a_snapshot_shows_is_for_those_who_may(site: Site) -> None:
    for address in ("/snapshots", "/snapshots/00000000-0000-0000-0000-000000000000"):
        compiled = httpx.get(site.url + address, timeout=PATIENCE_MS / 1000).text
        assert "bottle" not in compiled.lower()
    download = f"{site.url}/snapshots/00000000-0000-0000-0000-000000000000/download"
    answer = httpx.get(download, timeout=PATIENCE_MS / 1000)
    assert answer.status_code == 401


def test_the_catalogue_of_a_day_says_who_says_what(site: Site, page: Page) -> None:
    today = datetime.now(UTC).date().isoformat()
    open_page(page, f"{site.url}/?q=bottle")
    expect(by_id(page, "product-card").first).to_be_visible(timeout=PATIENCE_MS)
    by_id(page, "as-of").fill(today)
    expect(page).to_have_url(re.compile(rf"/catalogue/{today}[?]q=bottle$"), timeout=PATIENCE_MS)
    banner = by_id(page, "past-banner")
    expect(banner).to_contain_text("Sign in to see", timeout=PATIENCE_MS)
    expect(by_id(page, "price-source").first).to_have_text("By the price history")
    expect(by_id(page, "add-to-basket-card")).to_have_count(0)
    by_id(page, "product-card").first.click()
    expect(page).to_have_url(re.compile(rf"/product/\d+[?]as_of={today}$"), timeout=PATIENCE_MS)
    answer = by_id(page, "as-of-price")
    expect(answer).to_contain_text("since", timeout=PATIENCE_MS)
    expect(by_id(page, "as-of-snapshot")).to_contain_text("Sign in")
    expect(by_id(page, "as-of")).to_have_value(today)
    by_id(page, "as-of").fill("2001-12-31")
    expect(answer).to_contain_text("Not known yet", timeout=PATIENCE_MS)
    # A year that is still being typed asks for nothing; no day takes the answer away.
    by_id(page, "as-of").fill("0202-12-31")
    by_id(page, "as-of").fill("")
    expect(page).to_have_url(re.compile(r"/product/\d+$"), timeout=PATIENCE_MS)
    expect(by_id(page, "past-banner")).to_have_count(0)
    sign_in_as_somebody(page, site.url)
    _take_everything(site, page)
    open_page(page, f"{site.url}/catalogue/{today}?q=bottle")
    expect(banner).to_contain_text("nearest snapshot, taken", timeout=PATIENCE_MS)
    page.get_by_test_id("facet-category").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"category=\d+"), timeout=PATIENCE_MS)
    expect(by_id(page, "product-card").first).to_be_visible(timeout=PATIENCE_MS)
    open_page(page, f"{site.url}/catalogue/1999-12-31")
    expect(page.get_by_text("no such day")).to_be_visible(timeout=PATIENCE_MS)
