"""The frame of every page: keys, theme, a phone, a lost connection, an address of nothing."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import watch
from tests.e2e.journeys import PATIENCE_MS, WORK_MS, by_id, first_product, open_page, sign_in
from tests.e2e.processes import held, pid_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized

    from playwright.sync_api import Browser, Page, StorageState, WebSocketRoute

    from tests.site import Site

PAGES = ("/", "/orders", "/basket", "/mailbox")
# What a reader does not notice; 0.1 is what the Core Web Vitals call good.
LEAST_SHIFT = 0.02
NOTE_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const {value, hadRecentInput, sources} of list.getEntries()) {
    if (hadRecentInput) continue;
    const moved = sources.map(({node, previousRect, currentRect}) =>
      `${node?.className || node?.nodeName}: ${previousRect.y} to ${currentRect.y}`);
    window.shifts.push([value, moved.join("; ")]);
  }
}).observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture(scope="module")
def signed_in(site: Site, browser: Browser) -> StorageState:
    """Return what a browser keeps after the buyer has signed in."""
    context = browser.new_context()
    sign_in(context.new_page(), site.url)
    kept = context.storage_state()
    context.close()
    return kept


def test_the_keyboard_reaches_search_pages_and_shortcuts(site: Site, page: Page) -> None:
    open_page(page, f"{site.url}/mailbox")
    page.keyboard.press("/")
    expect(by_id(page, "search-box")).to_be_focused()
    page.keyboard.press("Escape")
    expect(by_id(page, "search-box")).not_to_be_focused()

    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.keyboard.type("gc")
    expect(page).to_have_url(re.compile(r":\d+/(\?.*)?$"), timeout=PATIENCE_MS)


def test_two_keys_are_one_after_the_other_as_they_are_pressed_and_not_as_they_are_heard(
    site: Site, page: Page
) -> None:
    open_page(page, f"{site.url}/mailbox")
    page.evaluate("""() => {
        const press = (key) => new KeyboardEvent("keydown", { key, bubbles: true });
        const [first, second] = [press("g"), press("c")];
        document.body.dispatchEvent(first);
        const end = performance.now() + 1500;
        while (performance.now() < end);
        document.body.dispatchEvent(second);
    }""")
    expect(page).to_have_url(re.compile(r":\d+/(\?.*)?$"), timeout=PATIENCE_MS)


def test_letters_typed_into_the_search_box_are_letters(site: Site, page: Page) -> None:
    open_page(page, f"{site.url}/mailbox")
    # An answer to the first letters would lead to another page while the rest is typed.
    with held(pid_of(site, "app.serve")):
        by_id(page, "search-box").press_sequentially("g?j/")
        expect(by_id(page, "search-box")).to_have_value("g?j/")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_who_types_a_search_elsewhere_goes_on_typing_in_the_catalogue(
    site: Site, page: Page
) -> None:
    open_page(page, f"{site.url}/mailbox")
    # One letter more is typed while the page changes.
    page.evaluate("""() => {
        const push = history.pushState;
        history.pushState = function (...given) {
            history.pushState = push;
            document.execCommand("insertText", false, "e");
            return push.apply(this, given);
        };
    }""")
    box = by_id(page, "search-box")
    box.focus()
    # At once: how long the page waits for the next letter is another matter.
    page.keyboard.insert_text("screwdriv")
    expect(page.get_by_role("heading", level=1)).to_have_text("Catalogue", timeout=PATIENCE_MS)
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile("[?&]q=screwdrive$"), timeout=PATIENCE_MS)
    expect(box).to_have_value("screwdrive")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("[?&]q=screwdriver$"), timeout=PATIENCE_MS)
    expect(box).to_have_value("screwdriver")


@dataclass
class LongLine:
    """Between a page and the server: keeps on the way what has certain words in it."""

    there: str = ""
    back: str = ""
    asked: list[Callable[[], None]] = field(default_factory=list)
    answered: list[Callable[[], None]] = field(default_factory=list)

    def carry(self, page: WebSocketRoute) -> None:
        """Put this into the connection of `page`."""
        server = page.connect_to_server()
        page.on_message(partial(self._pass, lambda: self.there, self.asked, server))
        server.on_message(partial(self._pass, lambda: self.back, self.answered, page))

    @staticmethod
    def _pass(
        words: Callable[[], str],
        kept: list[Callable[[], None]],
        to: WebSocketRoute,
        said: str | bytes,
    ) -> None:
        is_late = words() and words() in str(said)
        kept.append(partial(to.send, said)) if is_late else to.send(said)


def test_a_late_answer_takes_no_letters_back(site: Site, page: Page) -> None:
    line = LongLine(there="screwdriver", back="screw")
    page.route_web_socket("**/_event/**", line.carry)
    open_page(page, site.url)
    box = by_id(page, "search-box")
    box.focus()
    page.keyboard.insert_text("screw")
    wait_for(page, line.answered)
    page.keyboard.insert_text("driver")
    wait_for(page, line.asked)
    # The answer to less arrives while the rest is still on its way.
    line.back = ""
    for arrives in line.answered:
        arrives()
    expect(box).to_have_attribute("data-says", "screw")
    expect(box).to_have_value("screwdriver")
    line.there = ""
    for arrives in line.asked:
        arrives()
    expect(page).to_have_url(re.compile("[?&]q=screwdriver$"), timeout=PATIENCE_MS)
    expect(box).to_have_value("screwdriver")


def test_the_box_says_what_the_address_asks_for_when_nobody_types(site: Site, page: Page) -> None:
    open_page(page, f"{site.url}/?q=padlock")
    box = by_id(page, "search-box")
    expect(box).to_have_value("padlock")
    box.fill("tape")
    expect(page).to_have_url(re.compile("[?&]q=tape$"), timeout=PATIENCE_MS)
    name = by_id(page, "product-name").filter(has_text=re.compile("tape", re.IGNORECASE))
    name.first.click()
    expect(page).to_have_url(re.compile(r"/product/\d+"), timeout=PATIENCE_MS)
    expect(box).to_have_value("")
    page.go_back()
    expect(box).to_have_value("tape")


def wait_for(page: Page, found: Sized) -> None:
    """Let the page go on until something was found."""
    deadline = monotonic() + PATIENCE_MS / 1000
    while not found:
        assert monotonic() < deadline
        page.wait_for_timeout(20)


def test_the_first_tab_offers_to_skip_to_the_content(site: Site, page: Page) -> None:
    open_page(page, site.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_chosen_theme_stands_before_the_page_is_drawn(site: Site, page: Page) -> None:
    sign_in(page, site.url)
    by_id(page, "account-menu").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("dark")
    page.reload(wait_until="commit")
    page.wait_for_selector("body", state="attached")
    expect(page.locator("html")).to_have_class("dark", timeout=1)


def test_the_folded_navigation_stays_folded(site: Site, page: Page) -> None:
    open_page(page, site.url)
    page.keyboard.press("[")
    expect(page.get_by_text("AnythingYouWantt", exact=True)).to_be_hidden()
    open_page(page, f"{site.url}/mailbox")
    expect(page.get_by_text("AnythingYouWantt", exact=True)).to_be_hidden()


@pytest.fixture(params=["light", "dark"])
def phone(
    request: pytest.FixtureRequest,
    browser: Browser,
    signed_in: StorageState,
    problems: list[str],
) -> Iterator[Page]:
    """Open a signed-in window of a phone, in one theme and then in the other."""
    context = browser.new_context(
        storage_state=signed_in,
        viewport={"width": 390, "height": 844},
        color_scheme=request.param,
        has_touch=True,
    )
    opened = context.new_page()
    watch(opened, problems)
    opened.add_init_script(NOTE_SHIFTS)
    yield opened
    context.close()
    assert not problems, "the page reported errors"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone(site: Site, phone: Page, path: str) -> None:
    open_page(phone, f"{site.url}{path}")
    bar = phone.get_by_role("navigation", name="Main").filter(visible=True)
    expect(bar).to_have_count(1)
    expect(bar.get_by_role("link", name="Basket")).to_be_visible()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    phone.wait_for_load_state("networkidle")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shifts = phone.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < LEAST_SHIFT, shifts


def test_a_lost_connection_is_said_and_forgotten_when_it_is_back(
    site: Site, page: Page, problems: list[str]
) -> None:
    open_page(page, site.url)
    # The page is drawn before it is connected; what stands on it comes through the connection.
    first_product(page)
    expect(page.get_by_text("Connection lost")).to_be_hidden()
    os.kill(pid_of(site, "app.serve"), signal.SIGKILL)
    expect(page.get_by_text("Connection lost")).to_be_visible(timeout=PATIENCE_MS)
    # The supervisor starts a new web, and the page tries again in growing pauses.
    expect(page.get_by_text("Connection lost")).to_be_hidden(timeout=WORK_MS)
    problems.clear()


def test_an_address_that_leads_nowhere_leads_back(
    site: Site, page: Page, problems: list[str]
) -> None:
    answer = page.goto(f"{site.url}/no/such/page")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
    page.get_by_role("link", name="Go to the catalogue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Catalogue")
    # The browser itself notes the status of the page.
    assert all("404" in problem for problem in problems)
    problems.clear()
