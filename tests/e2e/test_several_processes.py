"""Two web processes: who looks through one sees what was done through the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    sign_in,
)
from tests.site import Site, run_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

WINDOWS = 4


@pytest.fixture(scope="module")
def site_of_two(
    own_settings: None,  # noqa: ARG001 - first hide the machine's settings
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Start the whole program with two web processes."""
    with run_site(tmp_path_factory.mktemp("two"), WEB_PROCESSES="2") as site:
        yield site


def test_every_window_follows_an_order_whichever_process_serves_it(
    site_of_two: Site, page: Page, browser: Browser, problems: list[str]
) -> None:
    base = site_of_two.url
    sign_in(page, base)
    with browser.new_context(locale="en-GB", storage_state=page.context.storage_state()) as other:
        # The kernel spreads sockets over the processes; several windows reach both.
        windows = [other.new_page() for _ in range(WINDOWS)]
        for window in windows:
            watch(window, problems)
            open_page(window, f"{base}/orders")
        add_to_basket(page, base, "screwdriver")
        for window in windows:
            expect(by_id(window, "basket-link").first).to_contain_text("1", timeout=PATIENCE_MS)
        number = place_order(page, base, [])
        for window in windows:
            row = window.locator(f"main a[href^='/orders/{number}']").first
            expect(row).to_be_visible(timeout=PATIENCE_MS)
        expect_state(page, "completed")
