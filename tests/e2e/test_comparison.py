"""A buyer compares two snapshots: chooses both, narrows, takes a file of what is left along."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import Page, expect

from app.config import PROJECT_ROOT
from tests.e2e.journeys import PATIENCE_MS, WORK_MS, by_id, open_page, sign_in
from tests.e2e.still import no_sync

if TYPE_CHECKING:
    from tests.site import Site

CHANGES = (
    "UPDATE product SET price_minor = price_minor * 2 WHERE id % 100 = 1 AND price_minor > 0",
    "UPDATE product SET stock = coalesce(stock, 0) + 1 WHERE id % 100 = 2",
)


@pytest.fixture
def pair(site: Site) -> tuple[str, str]:
    """Take a snapshot, change some products, take another; return both ids."""
    with no_sync(site):
        before = _taken(site)
        with psycopg.connect(site.running["DATABASE_OWNER_URL"]) as connection:
            for change in CHANGES:
                assert connection.execute(change).rowcount > 0
        return before, _taken(site)


def _taken(site: Site) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app", "snapshot", "take", "--wait", "--json"],
        cwd=PROJECT_ROOT,
        env=site.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["id"]


def test_two_snapshots_are_compared(page: Page, site: Site, pair: tuple[str, str]) -> None:
    sign_in(page, site.url)
    open_page(page, f"{site.url}/snapshots/compare")
    for name, snapshot in zip("ab", pair, strict=True):
        by_id(page, f"compare-{name}").select_option(snapshot)
        expect(page).to_have_url(re.compile(rf"[?&]{name}={snapshot}"), timeout=PATIENCE_MS)

    summary = by_id(page, "compare-summary")
    expect(summary).to_contain_text("price up", timeout=WORK_MS)
    expect(by_id(page, "compare-row").first).to_contain_text("+100.0 %")

    by_id(page, "compare-kind").select_option("stock")
    expect(page).to_have_url(re.compile("kind=stock"), timeout=PATIENCE_MS)
    expect(by_id(page, "compare-row").first).to_contain_text("stock", timeout=PATIENCE_MS)
    by_id(page, "compare-export").click()
    expect(by_id(page, "compare-download")).to_be_visible(timeout=WORK_MS)
    with page.expect_download(timeout=WORK_MS) as download:
        by_id(page, "compare-download").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        kinds = {row["Changes"] for row in csv.DictReader(file)}
    assert kinds == {"stock"}
