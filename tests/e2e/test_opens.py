"""The program is there: its first page, and what it says about itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.request import urlopen

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.conftest import Site


def test_shows_the_catalogue_at_its_address(site: Site, page: Page) -> None:
    answer = page.goto(site.url)
    assert answer
    assert answer.ok
    expect(page).to_have_title("Catalogue")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_says_that_it_is_alive(site: Site) -> None:
    with urlopen(f"{site.url}/health") as answer:  # noqa: S310 - our own address
        assert json.load(answer)["status"] == "alive"
