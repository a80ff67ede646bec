"""Picking up at a store: chosen on a map, ordered, told in mails; and a store that is mended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import expect

from tests.e2e.journeys import (
    PATIENCE_MS,
    add_to_basket,
    by_id,
    expect_state,
    open_page,
    sign_in,
    sign_in_as_somebody,
)
from tests.e2e.still import no_sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.site import Site

STREET = "Street and number"


@pytest.fixture(scope="module", autouse=True)
def still(site: Site) -> Iterator[None]:
    """Leave the stores as these tests make them: a sync puts them back."""
    with no_sync(site):
        yield


def open_basket(page: Page) -> None:
    by_id(page, "basket-link").first.click()
    expect(by_id(page, "basket-line").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "place-order")).to_be_enabled(timeout=PATIENCE_MS)


def way(page: Page, supplier: str) -> Locator:
    return page.get_by_role("radiogroup", name=supplier)


def store_with_everything(page: Page) -> tuple[str, Locator]:
    """Return the name of the first, and its row wherever that stands."""
    rows = by_id(page, "store-row").filter(has_text="Has everything")
    name = rows.first.get_by_title("Show on the map").inner_text(timeout=PATIENCE_MS)
    named = page.get_by_role("button", name=name, exact=True)
    return name, by_id(page, "store-row").filter(has=named)


def placed(page: Page) -> str:
    by_id(page, "place-order").click()
    expect(page).to_have_url(re.compile(r"/orders/\d+"), timeout=PATIENCE_MS)
    expect_state(page, "completed")
    return by_id(page, "order-number").inner_text()


def test_one_part_is_picked_up_at_a_store_chosen_on_the_map_the_other_delivered(
    site: Site, page: Page
) -> None:
    sign_in_as_somebody(page, site.url)
    for words in ("screwdriver", "desk"):
        add_to_basket(page, site.url, words)
    open_basket(page)
    page.get_by_label(STREET).fill("Typed Street 5")

    way(page, "Verkko Tools").get_by_label("Pick up at a store").click()
    name, row = store_with_everything(page)
    # The list and the map are in step: the mark is pressed, its row stands out, and the popup asks.
    mark = by_id(page, "store-marker").and_(page.get_by_label(name))
    mark.first.click()
    expect(row).to_have_attribute("aria-current", "true", timeout=PATIENCE_MS)
    by_id(page, "map").get_by_test_id("pickup-choose").click()

    chosen = way(page, "Verkko Tools").get_by_test_id("pickup-chosen")
    expect(chosen).to_contain_text(name, timeout=PATIENCE_MS)
    expect(page.get_by_label(STREET)).to_have_value("Typed Street 5")
    number = placed(page)

    told = by_id(page, "order-pickup")
    expect(told).to_have_count(1)
    expect(told).to_contain_text(f"Pick up at {name}")
    expect(told.get_by_role("link", name="Directions")).to_have_attribute(
        "href", re.compile(r"destination=\d")
    )
    expect(page.get_by_text("Typed Street 5")).to_be_visible()
    page.goto(f"{site.url}/mailbox")
    mails = by_id(page, "mailbox-message").filter(has_text=number)
    mails.filter(has_text="orders@verkko-tools.example").first.click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text(f"ready for pickup at store {name}")).to_be_visible(timeout=PATIENCE_MS)


def test_all_of_it_is_picked_up_by_keyboard_and_no_address_is_asked_for(
    site: Site, page: Page
) -> None:
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "desk")
    open_basket(page)
    page.get_by_role("radio", name="Deliver").focus()
    page.keyboard.press("ArrowRight")
    # The field for a place has the focus; Tab leads from there to the stores.
    field = by_id(page, "place-box").and_(page.locator("#pickup-place"))
    expect(field).to_be_focused(timeout=PATIENCE_MS)
    page.keyboard.type("London")
    page.keyboard.press("Enter")
    dialog = by_id(page, "pickup-dialog")
    expect(dialog).to_contain_text("Nearest to London", timeout=PATIENCE_MS)
    _, row = store_with_everything(page)
    choose = row.get_by_test_id("pickup-choose")
    choose.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_label(STREET)).to_be_hidden()
    placed(page)
    expect(by_id(page, "order-pickup")).to_have_count(1)
    expect(page.get_by_text("all of it is picked up")).to_be_visible()


def test_a_store_that_has_gone_is_said_beside_the_choice_and_what_was_typed_stays(
    site: Site, page: Page
) -> None:
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "desk")
    open_basket(page)
    page.get_by_label("Note").fill("Ring the bell.")
    by_id(page, "pickup-open").click()
    name, row = store_with_everything(page)
    row.get_by_test_id("pickup-choose").click()
    expect(by_id(page, "pickup-chosen")).to_be_visible(timeout=PATIENCE_MS)
    with psycopg.connect(site.running["DATABASE_URL"]) as connection:
        connection.execute("UPDATE store SET withdrawn_at = now() WHERE name = %s", [name])
    try:
        by_id(page, "place-order").click()
        problem = by_id(page, "pickup-problem")
        expect(problem).to_contain_text("is not there any more", timeout=PATIENCE_MS)
        expect(by_id(page, "pickup-change")).to_be_focused()
        expect(page.get_by_label("Note")).to_have_value("Ring the bell.")
    finally:
        with psycopg.connect(site.running["DATABASE_URL"]) as connection:
            connection.execute("UPDATE store SET withdrawn_at = NULL WHERE name = %s", [name])
    page.get_by_role("radio", name="Deliver").click()
    expect(page.get_by_label(STREET)).to_be_visible(timeout=PATIENCE_MS)
    placed(page)


def test_the_next_order_goes_to_the_address_of_the_one_before(site: Site, page: Page) -> None:
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "desk")
    open_basket(page)
    page.get_by_label(STREET).fill("Typed Street 5")
    placed(page)
    add_to_basket(page, site.url, "desk")
    open_basket(page)
    expect(page.get_by_role("radio", name="Typed Street 5")).to_be_checked(timeout=PATIENCE_MS)
    expect(page.get_by_label(STREET)).to_have_count(0)
    placed(page)
    expect(page.get_by_text("Typed Street 5")).to_be_visible()


def test_on_a_phone_list_and_map_swap(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in_as_somebody(page, site.url)
    add_to_basket(page, site.url, "desk")
    open_basket(page)
    by_id(page, "pickup-open").click()
    _, row = store_with_everything(page)
    expect(by_id(page, "store-marker").first).to_be_hidden()
    dialog = by_id(page, "pickup-dialog")
    dialog.get_by_role("button", name="Map", exact=True).click()
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    expect(row).to_be_hidden()
    dialog.get_by_role("button", name="List", exact=True).click()
    row.get_by_test_id("pickup-choose").click()
    expect(by_id(page, "pickup-chosen")).to_be_visible(timeout=PATIENCE_MS)


@pytest.fixture
def lost(site: Site) -> int:
    """Return a store whose feed says nothing of where it stands."""
    with psycopg.connect(site.running["DATABASE_URL"]) as connection:
        found = connection.execute(
            "UPDATE store SET latitude = NULL, longitude = NULL, placed_at = NULL, "
            "place_problem = 'The feed gives no coordinates.' "
            "WHERE external_id = 'V06' RETURNING id"
        ).fetchone()
    assert found
    return found[0]


def drag(page: Page, mark: Locator, right: int, down: int) -> None:
    # It stands still, and nothing lies over it.
    mark.hover(timeout=PATIENCE_MS)
    box = mark.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=8)
    page.mouse.up()


def test_an_operator_mends_a_store_by_dragging_its_mark(site: Site, page: Page, lost: int) -> None:
    sign_in(page, site.url, "operator")
    open_page(page, f"{site.url}/admin")
    page.get_by_text("Do all stores have a place?").click()
    row = by_id(page, "room-row").filter(has_text="Verkko Tools Oulu")
    expect(row).to_contain_text("Needs a place", timeout=PATIENCE_MS)
    row.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(rf"/admin/stores/{lost}"), timeout=PATIENCE_MS)

    latitude = page.get_by_label("Latitude")
    expect(latitude).to_have_value("65.0", timeout=PATIENCE_MS)
    drag(page, by_id(page, "store-marker").first, 60, 40)
    expect(latitude).not_to_have_value("65.0", timeout=PATIENCE_MS)
    assert float(latitude.input_value()) < 65
    facts = by_id(page, "room-facts")
    expect(facts).to_contain_text("none")
    by_id(page, "save-place").click()
    expect(page.get_by_text("Set by hand").first).to_be_visible(timeout=PATIENCE_MS)
    expect(facts).to_contain_text(f"{float(latitude.input_value()):.6f}", timeout=PATIENCE_MS)


def test_an_operator_mends_a_store_by_its_fields(site: Site, page: Page, lost: int) -> None:
    sign_in(page, site.url, "operator")
    open_page(page, f"{site.url}/admin/stores/{lost}")
    latitude, facts = page.get_by_label("Latitude"), by_id(page, "room-facts")
    expect(latitude).to_have_value("65.0", timeout=PATIENCE_MS)
    latitude.fill("north")
    latitude.press("Enter")
    problem = page.get_by_role("alert").filter(has_text="not a number of degrees")
    expect(problem).to_be_visible(timeout=PATIENCE_MS)
    latitude.fill("65.029")
    page.get_by_label("Longitude").fill("25.495")
    page.get_by_label("Longitude").press("Enter")
    expect(facts).to_contain_text("65.029000, 25.495000", timeout=PATIENCE_MS)
    expect(problem).to_be_hidden()
