"""Finding a store: in the list and on the map, near to a place, and where a product can be had."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from app.views.store_query import StoresQuery
from app.views.stores import Bounds
from tests.e2e.conftest import watch
from tests.e2e.journeys import PATIENCE_MS, by_id, open_page
from tests.e2e.still import no_sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import LiteralString

    from playwright.sync_api import Browser, Geolocation, WebSocket, WebSocketRoute

    from tests.site import Site

HELSINKI: Geolocation = {"latitude": 60.1699, "longitude": 24.9384}
# What a map says once it has come to rest.
TOLD = re.compile(r'stores_state\.settle".*?(\{"south":[^}]*\})')
# What the page of a product lists: its stores, and what each asks.
HAVE_IT: LiteralString = """
SELECT store.name, coalesce(store_stock.price_minor, product.price_minor)
FROM store_stock JOIN store ON store.id = store_id JOIN product ON product.id = product_id
WHERE product_id = %s AND store_stock.stock > 0
    AND store.withdrawn_at IS NULL AND store.latitude IS NOT NULL
"""
PRICED_BY_STORE: LiteralString = """
SELECT product.id, product.name FROM product JOIN store_stock ON product_id = product.id
WHERE product.withdrawn_at IS NULL AND product.currency = 'EUR' AND store_stock.stock > 0
GROUP BY product.id HAVING count(DISTINCT store_stock.price_minor) >= 5
ORDER BY product.id LIMIT 1
"""


@pytest.fixture(scope="module", autouse=True)
def still(site: Site) -> Iterator[None]:
    """Leave prices, stock and stores as they are: these tests compare them with what is shown."""
    with no_sync(site):
        yield


def open_stores(page: Page, site: Site, query: str = "") -> WebSocket:
    """Open the page of all stores; wait until the list is that of what the map shows.

    Returns what the page tells the program through.
    """
    with page.expect_websocket() as opened:
        open_page(page, f"{site.url}/stores{query}")
    expect(by_id(page, "store-row").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "map-provider").first).to_have_text("fallback", timeout=PATIENCE_MS)
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(r"[?&]view=-?\d"), timeout=PATIENCE_MS)
    return opened.value


@contextmanager
def moving(page: Page, socket: WebSocket) -> Iterator[None]:
    """Wait until the map has come to rest, and the address and the list are those of its view.

    Before that they are those of the place that was asked for, of which the map shows more.
    """
    told: list[Bounds] = []

    def note(sent: str | bytes) -> None:
        if found := TOLD.search(str(sent)):
            ends = json.loads(found[1])
            told.append(Bounds(ends["south"], ends["west"], ends["north"], ends["east"]))

    socket.on("framesent", note)
    yield
    page.wait_for_url(
        lambda url: bool(told) and url.endswith(StoresQuery(told[-1]).address().partition("?")[2]),
        wait_until="commit",
        timeout=PATIENCE_MS,
    )
    socket.remove_listener("framesent", note)


def look_for(page: Page, words: str) -> None:
    """Type a place and go there."""
    box = by_id(page, "place-box")
    box.fill(words)
    box.press("Enter")


def stores_in(site: Site, address: str) -> int:
    """Return how many stores there are in the view of an address."""
    view = StoresQuery.parse(address.partition("?")[2]).view
    assert view is not None
    asked = """SELECT count(*) FROM store WHERE withdrawn_at IS NULL
        AND latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s"""
    with psycopg.connect(site.running["DATABASE_URL"]) as connection:
        ends = view.south, view.north, view.west, view.east
        found = connection.execute(asked, ends).fetchone()
    assert found
    return found[0]


def stores_with(site: Site, page: Page) -> list[tuple[str, int]]:
    """Return the names of the stores that have the product on screen, and their prices in cents."""
    number = re.findall(r"/product/(\d+)", page.url)[0]
    with psycopg.connect(site.running["DATABASE_URL"]) as connection:
        return connection.execute(HAVE_IT, [number]).fetchall()


def row_of(page: Page, name: str) -> Locator:
    """Return the row of a store."""
    return by_id(page, "store-row").filter(has_text=name)


def test_the_list_follows_the_map_to_a_place(site: Site, page: Page) -> None:
    socket = open_stores(page, site)
    expect(by_id(page, "store-count")).to_have_text("40 stores", timeout=PATIENCE_MS)
    with moving(page, socket):
        look_for(page, "Oulu")
    first = by_id(page, "store-row").first
    expect(first).to_contain_text("Verkko Tools Oulu", timeout=PATIENCE_MS)
    expect(first.get_by_test_id("store-distance")).to_have_text(re.compile(r"^\d+\sm$"))
    expect(by_id(page, "place-chosen")).to_contain_text("Oulu")
    expect(row_of(page, "Dublin")).to_have_count(0)
    # The address shows the same to whoever gets it.
    expect(page).to_have_url(re.compile(r"near=65\.\d+,25\.\d+.*view="), timeout=PATIENCE_MS)
    address = page.url
    rows = stores_in(site, address)
    expect(by_id(page, "store-row")).to_have_count(rows)
    with page.expect_websocket() as opened:
        page.goto("about:blank")
        page.goto(address, wait_until="commit")
    with moving(page, opened.value):
        pass
    expect(by_id(page, "store-row")).to_have_count(rows, timeout=PATIENCE_MS)
    expect(by_id(page, "place-chosen")).to_contain_text("Oulu")
    by_id(page, "place-chosen").click()
    expect(by_id(page, "store-count")).to_have_text("40 stores", timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("words", "town"), [("koln", "Köln"), ("Aarhus", "Aarhus"), ("EC1M 3JB", "London")]
)
def test_a_place_is_found_by_town_or_postcode(
    site: Site, page: Page, words: str, town: str
) -> None:
    open_stores(page, site)
    look_for(page, words)
    expect(by_id(page, "place-chosen")).to_contain_text(town, timeout=PATIENCE_MS)
    expect(by_id(page, "store-row").first).to_contain_text(town)


def test_what_is_no_place_is_said_and_the_list_stays(site: Site, page: Page) -> None:
    open_stores(page, site)
    expect(by_id(page, "store-row")).to_have_count(40)
    look_for(page, "Atlantis")
    expect(page.get_by_role("alert").filter(has_text="No place is known")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(by_id(page, "store-row")).to_have_count(40)
    open_stores(page, site, "?view=nonsense&near=1000,1&place=x")
    expect(by_id(page, "store-count")).to_have_text("40 stores", timeout=PATIENCE_MS)


def test_a_store_is_chosen_in_the_list_and_on_the_map(site: Site, page: Page) -> None:
    socket = open_stores(page, site)
    with moving(page, socket):
        look_for(page, "Helsinki")
    expect(by_id(page, "store-row").first).to_contain_text("Helsinki", timeout=PATIENCE_MS)
    row_of(page, "Espoo").get_by_title("Show on the map").click()
    details = by_id(page, "store-details")
    expect(details).to_contain_text("Suomalaistentie 5", timeout=PATIENCE_MS)
    expect(row_of(page, "Espoo")).to_have_attribute("aria-current", "true")
    # On the map there is a mark of its own for it, also where it stands among others.
    mark = by_id(page, "map").get_by_role("button", name="Verkko Tools Espoo")
    expect(mark).to_have_attribute("aria-pressed", "true")
    details.locator("xpath=..").get_by_label("Close").click()
    expect(details).to_have_count(0)
    expect(row_of(page, "Espoo")).to_have_attribute("aria-current", "false")
    by_id(page, "map").get_by_role("button", name="Verkko Tools Tallinn").click()
    expect(row_of(page, "Tallinn")).to_have_attribute("aria-current", "true", timeout=PATIENCE_MS)
    expect(row_of(page, "Tallinn")).to_be_in_viewport()
    expect(details).to_contain_text("Peterburi tee 71")


def test_near_me_asks_the_browser_and_takes_no_for_an_answer(
    site: Site, browser: Browser, problems: list[str]
) -> None:
    for granted in (False, True):
        with browser.new_context(
            locale="en-GB", geolocation=HELSINKI, permissions=["geolocation"] if granted else []
        ) as context:
            page = context.new_page()
            watch(page, problems)
            socket = open_stores(page, site)
            if granted:
                with moving(page, socket):
                    by_id(page, "near-me").click()
                expect(by_id(page, "place-chosen")).to_contain_text(
                    "where you are", timeout=PATIENCE_MS
                )
                expect(by_id(page, "store-row").first).to_contain_text("Helsinki")
                assert "near=" not in page.url
            else:
                by_id(page, "near-me").click()
                refusal = page.get_by_role("alert").filter(has_text="or type a place")
                expect(refusal).to_be_visible(timeout=PATIENCE_MS)
    assert not problems


def test_a_store_has_a_page_with_its_hours_and_what_it_has(site: Site, page: Page) -> None:
    open_stores(page, site, "?near=65.029,25.495&place=Oulu")
    row_of(page, "Verkko Tools Oulu").get_by_test_id("store-link").click()
    expect(page).to_have_url(re.compile(r"/stores/\d+$"), timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Verkko Tools Oulu")
    expect(page).to_have_title("Verkko Tools Oulu")
    expect(page.locator("[aria-current=date]")).to_contain_text("today")
    expect(by_id(page, "store-opening").first).to_have_text(re.compile("^(Open|Closed) until "))
    expect(by_id(page, "store-directions")).to_have_attribute(
        "href", re.compile(r"^https://www\.google\.com/maps/dir/\?api=1&destination=65\.\d+%2C25\.")
    )
    expect(by_id(page, "store-marker")).to_have_count(1, timeout=PATIENCE_MS)
    shelf = by_id(page, "shelf-row")
    expect(shelf).to_have_count(50, timeout=PATIENCE_MS)
    first = shelf.first.get_by_role("link").inner_text()
    page.get_by_role("link", name="Next").click()
    expect(shelf.first.get_by_role("link")).not_to_have_text(first, timeout=PATIENCE_MS)
    by_id(page, "shelf-search").fill("padlock")
    by_id(page, "shelf-search").press("Enter")
    expect(page).to_have_url(re.compile(r"[?]q=padlock$"), timeout=PATIENCE_MS)
    expect(shelf.first).to_contain_text("Padlock", timeout=PATIENCE_MS)
    expect(shelf.filter(has_not_text="Padlock")).to_have_count(0)


def test_what_keeps_the_view_in_the_address_comes_too_late_for_the_next_page(
    site: Site, page: Page
) -> None:
    late: list[str | bytes] = []
    sockets: list[WebSocketRoute] = []

    def hold(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(
            lambda said: late.append(said) if "replaceState" in str(said) else socket.send(said)
        )

    page.route_web_socket("**/_event/**", hold)
    open_page(page, f"{site.url}/stores")
    deadline = monotonic() + PATIENCE_MS / 1000
    while not late:
        assert monotonic() < deadline, "the map has not told what it shows"
        page.wait_for_timeout(50)
    by_id(page, "store-link").first.click()
    expect(page).to_have_url(re.compile(r"/stores/\d+$"), timeout=PATIENCE_MS)
    store = page.url
    expect(by_id(page, "shelf-row").first).to_be_visible(timeout=PATIENCE_MS)
    for one in late:
        sockets[-1].send(one)
    # The answer to this comes after it.
    by_id(page, "shelf-search").fill("padlock")
    by_id(page, "shelf-search").press("Enter")
    expect(page).to_have_url(re.compile(r"[?]q=padlock$"), timeout=PATIENCE_MS)
    page.go_back()
    expect(page).to_have_url(store)


def test_a_store_that_there_is_not(site: Site, page: Page) -> None:
    for number in ("999999", "0", "99999999999999999999", "oulu"):
        open_page(page, f"{site.url}/stores/{number}")
        expect(page.get_by_text("There is no such store")).to_be_visible(timeout=PATIENCE_MS)


def test_a_product_says_where_to_get_it(site: Site, page: Page) -> None:
    open_stores(page, site, "?near=65.029,25.495&place=Oulu")
    row_of(page, "Verkko Tools Oulu").get_by_test_id("store-link").click()
    expect(by_id(page, "shelf-row").first).to_be_visible(timeout=PATIENCE_MS)
    by_id(page, "shelf-row").first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/product/\d+$"), timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name="Where to get it")).to_be_visible(timeout=PATIENCE_MS)
    first = by_id(page, "store-row").first
    # Near to the place that was chosen before, in this visit.
    expect(first).to_contain_text("Verkko Tools Oulu", timeout=PATIENCE_MS)
    expect(by_id(page, "place-chosen")).to_contain_text("Oulu")
    price = first.get_by_test_id("store-price").inner_text()
    assert re.fullmatch(r"€[\d,.]+", price)
    expect(first).to_contain_text("stock")
    expect(by_id(page, "map").get_by_role("button", name=price).first).to_be_visible(
        timeout=PATIENCE_MS
    )
    by_id(page, "place-chosen").click()
    expect(by_id(page, "place-chosen")).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_label("Order", exact=True).select_option("name")
    stores = stores_with(site, page)
    expect(by_id(page, "store-count")).to_have_text(re.compile(rf"^{len(stores)} stores?$"))
    expect(page.get_by_label("Order", exact=True)).to_have_value("name")
    names = by_id(page, "store-row").get_by_title("Show on the map")
    expect(names).to_have_text(sorted(name for name, _ in stores), timeout=PATIENCE_MS)


def test_the_stores_of_a_product_are_listed_by_price(site: Site, page: Page) -> None:
    with psycopg.connect(site.running["DATABASE_URL"]) as connection:
        found = connection.execute(PRICED_BY_STORE).fetchone()
    assert found, "the demo has a product that stores ask prices of their own for"
    number, name = found
    open_page(page, f"{site.url}/product/{number}")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=PATIENCE_MS)
    prices = by_id(page, "store-price")
    expect(prices.first).to_be_visible(timeout=PATIENCE_MS)
    cents = sorted(price for _, price in stores_with(site, page))
    cheapest_first = [f"€{price / 100:,.2f}" for price in cents]
    page.get_by_label("Order", exact=True).select_option("price")
    expect(prices).to_have_text(cheapest_first, timeout=PATIENCE_MS)
    # What an order costs stands above; a row says where another price holds.
    in_catalogue = by_id(page, "product-price").first.inner_text().strip()
    for row in by_id(page, "store-row").all():
        is_own = row.get_by_test_id("store-price").inner_text().strip() != in_catalogue
        expect(row.get_by_test_id("store-price-note")).to_have_count(int(is_own))
    marked = by_id(page, "map").get_by_role("button", name=cheapest_first[0])
    expect(marked.first).to_be_visible(timeout=PATIENCE_MS)


def test_on_a_phone_list_and_map_swap(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, f"{site.url}/stores")
    row = by_id(page, "store-row").first
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "map")).to_be_hidden()
    panes = by_id(page, "store-panes")
    panes.get_by_role("button", name="Map").click()
    # What the map shows brings the list into another order, whether it has been seen or not.
    expect(page).to_have_url(re.compile(r"[?&]view=-?\d"), timeout=PATIENCE_MS)
    expect(by_id(page, "map")).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    expect(row).to_be_hidden()
    panes.get_by_role("button", name="List").click()
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    name = row.get_by_title("Show on the map").inner_text()
    row.get_by_title("Show on the map").click()
    expect(by_id(page, "store-details")).to_contain_text(name, timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_by_keyboard_alone(site: Site, page: Page) -> None:
    with page.expect_websocket() as opened:
        open_page(page, site.url)
    page.keyboard.type("gw")
    expect(by_id(page, "store-row").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile("view="), timeout=PATIENCE_MS)
    page.keyboard.press("/")
    expect(by_id(page, "place-box")).to_be_focused()
    page.keyboard.type("Tampere")
    with moving(page, opened.value):
        page.keyboard.press("Enter")
    expect(by_id(page, "store-row").first).to_contain_text("Tampere", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = by_id(page, "store-row").nth(1)
    expect(second.get_by_title("Show on the map")).to_be_focused()
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-current", "true", timeout=PATIENCE_MS)
    # The list keeps the focus, and the next stop leads to the store itself.
    expect(second.get_by_title("Show on the map")).to_be_focused()
    page.keyboard.press("Tab")
    expect(second.get_by_test_id("store-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/stores/\d+$"), timeout=PATIENCE_MS)
