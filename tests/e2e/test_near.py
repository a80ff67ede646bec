"""What stores nearby have in stock: near a place, on the map, by keyboard, and on a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import PATIENCE_MS, by_id, open_page
from tests.e2e.still import no_sync
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket

    from tests.site import Site

NEAR_AARHUS = re.compile(r"\?near=56\.\d+,10\.\d+&within=25&place=Aarhus")


@pytest.fixture
def still(site: Site) -> Iterator[None]:
    """Have as much in stock everywhere at the end of a test as at its beginning."""
    with no_sync(site):
        yield


@pytest.fixture
def opened(browser: Browser, problems: list[str]) -> Iterator[Callable[..., Page]]:
    """Return what opens a window of its own, with what a browser is told about itself."""
    contexts: list[BrowserContext] = []

    def open_window(**about: object) -> Page:
        context = browser.new_context(locale="en-GB", **about)  # pyright: ignore[reportArgumentType] - Playwright's own names
        contexts.append(context)
        page = context.new_page()
        watch(page, problems)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not problems, "the page reported errors"


def look_for_a_place(page: Page, words: str) -> None:
    """Type a place into the filter, by keyboard alone."""
    by_id(page, "place-box").fill("")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def chip_of(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=f"Remove {words}")


def shown_count(page: Page) -> int:
    """Return how many products are shown, once that is said."""
    count = by_id(page, "result-count")
    expect(count).to_be_visible(timeout=PATIENCE_MS)
    return int(re.sub(r"\D", "", count.inner_text()))


@pytest.mark.usefixtures("still")
def test_near_a_place_stays_in_the_address_until_its_chip_is_removed(
    site: Site, page: Page
) -> None:
    open_page(page, site.url)
    everything = shown_count(page)
    look_for_a_place(page, "aarhus")
    expect(page).to_have_url(NEAR_AARHUS, timeout=PATIENCE_MS)
    chip = chip_of(page, "Within 25 km of Aarhus, DK")
    expect(chip).to_be_visible(timeout=PATIENCE_MS)
    near = shown_count(page)
    assert 0 < near < everything

    page.reload()
    expect(chip).to_be_visible(timeout=PATIENCE_MS)
    assert shown_count(page) == near
    expect(by_id(page, "place-box")).to_have_value("Aarhus, DK")

    by_id(page, "place-distance").filter(has_text="10 km").click()
    expect(chip_of(page, "Within 10 km of Aarhus, DK")).to_be_visible(timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile("within=10&"))

    chip_of(page, "Within 10 km of Aarhus, DK").click()
    expect(page).to_have_url(re.compile(r"^[^?]*$"), timeout=PATIENCE_MS)
    expect(by_id(page, "result-count")).to_have_text(
        re.compile(f"^{everything:,} "), timeout=PATIENCE_MS
    )


def test_a_name_of_several_places_is_a_choice_and_one_of_none_is_said(
    site: Site, page: Page
) -> None:
    open_page(page, site.url)
    look_for_a_place(page, "nowhere at all")
    expect(page.get_by_role("alert").filter(has_text="nowhere at all")).to_be_visible(
        timeout=PATIENCE_MS
    )
    look_for_a_place(page, "h")
    choices = by_id(page, "place-choice")
    expect(choices.nth(1)).to_be_visible(timeout=PATIENCE_MS)
    chosen = choices.nth(1).locator("span.clip").inner_text()
    choices.nth(1).focus()
    page.keyboard.press("Enter")
    expect(chip_of(page, f"Within 25 km of {chosen}")).to_be_visible(timeout=PATIENCE_MS)
    expect(choices).to_have_count(0)


def test_where_somebody_is_is_asked_on_a_press_alone(
    site: Site, opened: Callable[..., Page]
) -> None:
    page = opened(
        permissions=["geolocation"], geolocation={"latitude": 56.1571234, "longitude": 10.2071234}
    )
    open_page(page, site.url)
    expect(by_id(page, "result-count")).to_be_visible(timeout=PATIENCE_MS)
    assert "near=" not in page.url
    by_id(page, "near-me").click()
    # Rounded to a hundred metres, and called after the town that they are in.
    expect(page).to_have_url(
        re.compile(r"\?near=56\.157,10\.207&within=25&place=Aarhus"), timeout=PATIENCE_MS
    )
    expect(chip_of(page, "Within 25 km of Aarhus")).to_be_visible(timeout=PATIENCE_MS)


def test_a_browser_that_does_not_tell_is_explained(site: Site, page: Page) -> None:
    open_page(page, site.url)
    expect(by_id(page, "result-count")).to_be_visible(timeout=PATIENCE_MS)
    by_id(page, "near-me").click()
    expect(page.get_by_role("alert").filter(has_text="or type a place")).to_be_visible(
        timeout=PATIENCE_MS
    )
    assert "near=" not in page.url


@pytest.mark.usefixtures("still")
def test_the_part_of_the_world_that_the_map_shows_is_searched(site: Site, page: Page) -> None:
    open_page(page, site.url)
    everything = shown_count(page)
    open_map(page, f"{site.url}/?near=56.157,10.168&within=25&place=Aarhus&view=map")
    offer = by_id(page, "search-this-area")
    expect(offer).to_have_count(0)

    drag(page, by_id(page, "map"), by=-120)
    expect(offer).to_be_visible(timeout=PATIENCE_MS)
    offer.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(
        re.compile(r"\?area=55\.\d+,\d+\.\d+,56\.\d+,\d+\.\d+&view=map"), timeout=PATIENCE_MS
    )
    expect(chip_of(page, "In the area of the map")).to_be_visible(timeout=PATIENCE_MS)
    expect(offer).to_have_count(0)
    there = shown_count(page)
    assert 0 < there < everything

    # Whatever else the map shows by now: there is one store in that town.
    marker = page.locator('[data-testid="store-marker"][aria-label*="Aarhus"]')
    before = place_on(page, marker)
    page.reload()
    expect(chip_of(page, "In the area of the map")).to_be_visible(timeout=PATIENCE_MS)
    assert shown_count(page) == there
    # The map shows that area again, as it did.
    expect(marker).to_be_visible(timeout=PATIENCE_MS)
    assert place_on(page, marker) == pytest.approx(before, abs=0.02)
    marker.focus()
    page.keyboard.press("Enter")
    expect(by_id(page, "store-details")).to_contain_text("Aarhus", timeout=PATIENCE_MS)


def test_prices_of_a_day_are_not_narrowed_by_a_place_and_say_so(site: Site, page: Page) -> None:
    today = datetime.now(UTC).date().isoformat()
    open_page(page, f"{site.url}/?near=56.157,10.168&within=25&place=Aarhus&view=map")
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    by_id(page, "as-of").fill(today)
    expect(page).to_have_url(re.compile(rf"/catalogue/{today}"), timeout=PATIENCE_MS)
    # Who may see no snapshot sees the price history, which knows no stock.
    expect(page.get_by_text("narrow nothing here")).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "product-card").first).to_be_visible()
    expect(chip_of(page, "Within")).to_have_count(0)


def test_on_a_phone_the_map_and_the_products_swap(site: Site, opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True)
    open_page(page, f"{site.url}/?near=56.157,10.168&within=25&place=Aarhus&view=map")
    panes = by_id(page, "catalogue-panes")
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "product-card").first).to_be_hidden()
    panes.get_by_role("button", name="Products").tap()
    expect(by_id(page, "product-card").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "store-marker").first).to_be_hidden()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "the page scrolls sideways"

    # What is asked among the filters is answered there, and what is chosen shows on the page.
    page.get_by_role("button", name="Filters").tap()
    look_for_a_place(page, "h")
    by_id(page, "place-choice").filter(has_text="Hamburg").tap()
    distance = by_id(page, "place-distance").filter(has_text="50 km")
    expect(distance).to_have_attribute("href", re.compile("place=Hamburg"), timeout=PATIENCE_MS)
    distance.tap()
    expect(chip_of(page, "Within 50 km of Hamburg, DE")).to_be_visible(timeout=PATIENCE_MS)
    expect(distance).to_be_hidden()


def open_map(page: Page, address: str) -> None:
    """Open a catalogue beside its map and wait until the server has heard what the map shows.

    Until then a move of the map counts as its own way to where it was told to look.
    """
    said: list[str] = []

    def on_sent(message: str | bytes) -> None:
        if re.search(r"catalogue_map_state\.settle\b.*south\W+5[56]\.", str(message)):
            said.append("settled")

    def on_received(message: str | bytes) -> None:
        if said and "catalogue_map_state" in str(message):
            said.append("answered")

    def on_socket(socket: WebSocket) -> None:
        socket.on("framesent", on_sent)
        socket.on("framereceived", on_received)

    page.on("websocket", on_socket)
    open_page(page, address)
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    # What comes over the socket is heard while the page is asked for something.
    wait_until(lambda: page.evaluate("true") and "answered" in said, "the map has settled")


def place_on(page: Page, marker: Locator) -> tuple[float, float]:
    """Return where a mark is on the map, as parts of its width and height from the middle."""
    marker.hover(trial=True)
    at, whole = marker.bounding_box(), by_id(page, "map").bounding_box()
    assert at
    assert whole
    return (
        (at["x"] - whole["x"]) / whole["width"] - 0.5,
        (at["y"] - whole["y"]) / whole["height"] - 0.5,
    )


def drag(page: Page, on: Locator, by: int) -> None:
    """Move what the map shows, as with a mouse."""
    box = on.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.75
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + by, middle[1] + by / 2, steps=8)
    page.mouse.up()
