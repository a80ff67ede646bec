"""The program is there: its first page, and what it says about itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.request import urlopen

from playwright.sync_api import expect

from tests.e2e.journeys import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

    from tests.site import Site

# What is smaller is not worth compressing, and the build leaves it alone.
SMALL_BYTES = 300


def test_shows_the_catalogue_at_its_address(site: Site, page: Page) -> None:
    answer = page.goto(site.url)
    assert answer
    assert answer.ok
    expect(page).to_have_title("Catalogue")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_browser_keeps_what_the_build_made_and_gets_it_small(site: Site, page: Page) -> None:
    answers: list[Response] = []

    def on_answer(answer: Response) -> None:
        answers.append(answer)

    page.on("response", on_answer)
    page.goto(site.url)
    expect(page.get_by_test_id("product-card").first).to_be_visible(timeout=PATIENCE_MS)
    built = [answer for answer in answers if "/assets/" in answer.url]
    assert {answer.headers["cache-control"] for answer in built} == {
        "public, max-age=31536000, immutable"
    }
    scripts = [answer for answer in built if answer.url.endswith(".js")]
    large = [one for one in scripts if int(one.headers["content-length"]) > SMALL_BYTES]
    assert large
    assert {answer.headers.get("content-encoding") for answer in large} == {"br"}


def test_a_page_asks_for_pictures_no_larger_than_it_shows(site: Site, page: Page) -> None:
    page.goto(site.url)
    pictures = page.get_by_test_id("product-card").locator("img")
    expect(pictures.first).to_be_visible(timeout=PATIENCE_MS)
    first, last = pictures.first, pictures.last
    expect(first).to_have_js_property("complete", value=True)
    assert "w=400" in first.evaluate("picture => picture.currentSrc")
    assert first.evaluate("picture => picture.naturalWidth") > 0
    assert (first.get_attribute("loading"), last.get_attribute("loading")) == ("eager", "lazy")
    assert (first.get_attribute("width"), first.get_attribute("height")) == ("400", "300")


def test_says_that_it_is_alive(site: Site) -> None:
    with urlopen(f"{site.url}/health") as answer:  # noqa: S310 - our own address
        assert json.load(answer)["status"] == "alive"
