"""What a person does in a browser: the steps that the end-to-end tests are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Sequence

# From a click to a page that shows it, on a machine that is busy with other tests.
PATIENCE_MS = 60_000
# From a press to what a worker has done of it: one that was away, or waits its turn, comes later.
WORK_MS = 90_000


def by_id(page: Page, name: str) -> Locator:
    """Return what carries the test id `name`."""
    return page.get_by_test_id(name)


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until it can answer.

    The build has drawn nearly all of it, so that it looks ready long before it is: who looks is
    what only the server says.
    """
    page.goto(address)
    who = by_id(page, "sign-in").or_(by_id(page, "account-menu"))
    expect(who.first).to_be_visible(timeout=PATIENCE_MS)


def sign_in(page: Page, base: str, person: str = "buyer") -> None:
    """Sign in as one of the people of the development provider, starting at the catalogue."""
    open_page(page, base)
    by_id(page, "sign-in").first.click()
    by_id(page, f"sign-in-as-{person}").click()
    expect(by_id(page, "account-menu").first).to_be_visible(timeout=PATIENCE_MS)


def sign_in_as_somebody(page: Page, base: str) -> None:
    """Sign in as a buyer whom nobody has seen before, with a basket of their own."""
    who = uuid4().hex[:8]
    open_page(page, base)
    by_id(page, "sign-in").first.click()
    page.get_by_text("Somebody else").click()
    page.locator("#name").fill(f"Buyer {who}")
    page.locator("#email").fill(f"{who}@company.example")
    by_id(page, "sign-in-as-somebody").click()
    expect(by_id(page, "account-menu").first).to_be_visible(timeout=PATIENCE_MS)


def search(page: Page, words: str) -> None:
    """Type `words` into the search box and wait until the address holds them."""
    box = by_id(page, "search-box").first
    box.fill(words)
    expect(page).to_have_url(re.compile(r"[?&]q="), timeout=PATIENCE_MS)


def first_product(page: Page) -> Locator:
    """Return the first product card of the results."""
    card = by_id(page, "product-card").first
    expect(card).to_be_visible(timeout=PATIENCE_MS)
    return card


def add_to_basket(page: Page, base: str, words: str) -> str:
    """Search for `words`, open the first product, put one into the basket; return its name."""
    open_page(page, base)
    search(page, words)
    expect(by_id(page, "product-name").first).to_contain_text(
        re.compile(words.split(maxsplit=1)[0], re.IGNORECASE), timeout=PATIENCE_MS
    )
    card = first_product(page)
    name = card.get_by_test_id("product-name").inner_text()
    card.click()
    expect(page).to_have_url(re.compile(r"/product/\d+"), timeout=PATIENCE_MS)
    by_id(page, "add-to-basket").click()
    expect(by_id(page, "toast").first).to_contain_text("Added to your", timeout=PATIENCE_MS)
    return name


def fill_in_where_it_goes(page: Page) -> None:
    """Give an address where none is saved, and a contact, a reference and a note."""
    # The form comes as a whole.
    expect(page.get_by_label("Whom to ask", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    if page.get_by_label("Recipient").count():
        page.get_by_label("Recipient").fill("Ada Buyer")
        page.get_by_label("Street and number").fill("Harbour Street 12")
        page.get_by_label("Postcode").fill("00100")
        page.get_by_label("City").fill("Helsinki")
        page.get_by_label("Country").select_option("FI")
    page.get_by_label("Whom to ask", exact=True).fill("Ada Buyer, +358 40 123")
    page.get_by_label("Your reference").fill("Site 7")
    page.get_by_label("Note").fill("Deliver to the back door.")


def place_order(page: Page, base: str, words: Sequence[str]) -> str:
    """Order one product for each of `words` beside what is in the basket; return the number."""
    for each in words:
        add_to_basket(page, base, each)
    by_id(page, "basket-link").first.click()
    expect(by_id(page, "basket-line").first).to_be_visible(timeout=PATIENCE_MS)
    fill_in_where_it_goes(page)
    by_id(page, "place-order").click()
    expect(page).to_have_url(re.compile(r"/orders/\d+"), timeout=PATIENCE_MS)
    number = by_id(page, "order-number")
    expect(number).to_have_text(re.compile(r"^\d+$"), timeout=PATIENCE_MS)
    return number.inner_text()


def expect_state(page: Page, state: str) -> None:
    """Wait until the open order page says `state`, without a reload."""
    expect(by_id(page, "order-status")).to_have_text(state, timeout=WORK_MS)
