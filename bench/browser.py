"""What one event costs in Chromium, beside the least that Reflex can do in the same browser.

The clock runs inside the page: from the input event (for typed words, from the message that leaves
after the pause of the search box, for how long one waits for a word to end is a choice and no cost)
to the change of the document. Ours and the bare program answer by turns.

What the service itself takes is measured in this process, by turns as well and against the same
database, and taken off: what is left is the socket, the doorkeeper, Reflex, the delta and React.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select
from sqlmodel import col

from app.config import settings
from app.models.accounts import Person
from app.models.catalogue import Product, Word
from app.models.columns import stored
from app.services.catalogue import search_catalogue, show_product
from app.services.ordering import add_to_basket
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading, within
from bench.bare_reflex import bare_reflex
from bench.chromium import browsing
from bench.row import Row, compared
from tests.e2e.journeys import by_id, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from playwright.sync_api import Locator

    from app.work import Work

ROUNDS = 60
GOAL = 1.5
# The first events of a page also load its code and warm the pools.
WARM_UP = 3
# So many cards of a page are used in turn.
PRODUCTS = 8
PATIENCE_MS = 10_000
SETTLED_MS = 200
GIVE_UP = f"new Promise((_, no) => setTimeout(() => no('nothing has changed'), {PATIENCE_MS}))"
# Words that fill a good part of a page, and how many of their letters tell them apart.
LEAST_PRODUCTS = 8
STEM = 4

# `window.clock(changed, started)` arms a clock: it starts with the next input event, or with the
# next message to the server that contains `started`, and stops at the first change of the document
# after which `changed()` holds. `window.measured` is a promise of the milliseconds between.
CLOCK = """
(() => {
  let began, part;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (message) {
    if (part && String(message).includes(part)) [began, part] = [performance.now(), ""];
    return send.call(this, message);
  };
  for (const kind of ["click", "input"])
    addEventListener(kind, event => { if (part === "") began ??= event.timeStamp; }, true);
  window.changedAt = 0;
  new MutationObserver(() => { window.changedAt = performance.now(); })
    .observe(document, {childList: true, subtree: true, characterData: true, attributes: true});
  // Pictures that nobody has asked for before are fetched from their supplier meanwhile.
  new PerformanceObserver(() => { window.changedAt = performance.now(); })
    .observe({type: "resource"});
  window.clock = (changed, started = "") => {
    [began, part] = [undefined, started];
    window.measured = new Promise(resolve =>
      new MutationObserver((_, observer) => {
        if (began === undefined || !changed()) return;
        resolve(performance.now() - began);
        observer.disconnect();
      }).observe(document, {childList: true, subtree: true, characterData: true, attributes: true})
    );
  };
})();
"""
# How the document looks before, and that it looks otherwise.
_CHANGES = {
    # The page opens with the figure of the last time.
    "opened": "() => clock(() => { const o = document.querySelector('#opened');"
    " if (!o || o.textContent === window.was) return false;"
    " window.was = o.textContent; return true })",
    "text": "s => { const o = document.querySelector(s), was = o.textContent;"
    " clock(() => o.textContent !== was) }",
    "toast": "() => { const seen = new Set(document.querySelectorAll('[data-testid=toast]'));"
    " clock(() => [...document.querySelectorAll('[data-testid=toast]')].some(t => !seen.has(t))) }",
    "product": "() => clock(() => document.querySelector('[data-testid=product-title]'))",
    "results": "() => { const shown = () => [...document.querySelectorAll("
    "'[data-testid=product-card]')].map(c => c.getAttribute('href')).join(), was = shown();"
    " clock(() => { const now = shown(); return now && now !== was }, 'search_state.search') }",
}


@dataclass(slots=True)
class Path:
    """One thing that people do: what it took in the page, and its service by itself, in ms."""

    name: str
    ours: list[float] = field(default_factory=list)
    service: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def took(self, *, ours: float, service: float, floor: float) -> None:
        """Note one turn."""
        self.ours.append(ours)
        self.service.append(service)
        self.floor.append(floor)

    def row(self, size: int) -> Row:
        """Return the medians, less what the service takes."""
        ours, service, floor = (
            median(figures[WARM_UP:]) for figures in (self.ours, self.service, self.floor)
        )
        ours -= service
        return compared(
            f"event in Chromium: {self.name}",
            size,
            ours,
            floor,
            "ms",
            goal=f"at most {GOAL} times",
            met=ours <= GOAL * floor,
        )


def rows(size: int) -> list[Row]:  # noqa: ARG001 - the catalogue is the demo's, however large
    """Return what adding, opening and searching take; the demo catalogue is what they find."""
    url = f"http://localhost:{settings().app_port}"
    products = reading(_products)
    with bare_reflex() as bare, browsing() as browser:
        return [path.row(products) for path in _paths(browser, url, bare)]


def _paths(browser: Browser, url: str, bare: str) -> list[Path]:
    """Do everything by turns, in one window of ours and one of the bare program."""
    ours, floor = _window(browser), _window(browser)
    sign_in(ours, url)
    floor.goto(bare)
    _settle(ours)
    buyer = reading(_last_signed_in)
    add, search = Path("add to basket"), Path("type in search")
    opening, page = Path("open a product"), Path("open a product, beside opening a bare page")
    for turn, (shown, other) in enumerate(islice(_words(), ROUNDS + WARM_UP)):
        search.took(
            ours=_typed(ours, shown),
            service=_taken(partial(search_catalogue, query=CatalogueQuery(text=other)), reading),
            floor=_bare_typed(floor, shown),
        )
        card = by_id(ours, "product-card").nth(turn % PRODUCTS)
        number = int(str(card.get_attribute("href")).rpartition("/")[2])
        adds = partial(add_to_basket, person_id=buyer, product_id=number, quantity=1)
        add.took(
            ours=_clicked(ours, by_id(ours, "add-to-basket-card").nth(turn % PRODUCTS), "toast"),
            service=_taken(adds, within),
            floor=_bare_click(floor),
        )
        taken = {
            "ours": _clicked(ours, card, "product"),
            "service": _taken(partial(show_product, product_id=number), reading),
        }
        opening.took(**taken, floor=_bare_click(floor))
        page.took(**taken, floor=_bare_opened(floor))
        ours.go_back()
        _settle(ours)
    return [add, search, opening, page]


def _products(work: Work) -> int:
    return work.session.scalar(select(func.count()).select_from(Product)) or 0


def _last_signed_in(work: Work) -> UUID:
    found = select(col(Person.id)).order_by(col(Person.signed_in_at).desc()).limit(1)
    return stored(work.session.scalar(found))


def _taken(
    service: Callable[[Work], object], unit: Callable[[Callable[[Work], object]], object]
) -> float:
    """Return how long a service takes in this process in a `unit` of work, in milliseconds."""
    began = perf_counter()
    unit(service)
    return (perf_counter() - began) * 1000


def _window(browser: Browser) -> Page:
    """Open a window with its own cookies, whose pages know the clock."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(CLOCK)
    return page


def _settle(page: Page) -> None:
    """Wait until the catalogue is there, its pictures too, and nothing has changed for a while."""
    expect(by_id(page, "product-card").first).to_be_visible()
    page.wait_for_function(f"performance.now() - changedAt > {SETTLED_MS}")


def _measured(page: Page) -> float:
    return page.evaluate(f"Promise.race([measured, {GIVE_UP}])")


def _clicked(page: Page, target: Locator, changes: str) -> float:
    """Return how long a click on `target` takes to change the page, in milliseconds."""
    page.evaluate(_CHANGES[changes])
    target.click()
    return _measured(page)


def _bare_click(page: Page) -> float:
    page.evaluate(_CHANGES["text"], "#clicks")
    page.click("#click")
    return _measured(page)


def _typed(page: Page, words: str) -> float:
    """Return how long other products take to come after the words were sent, in milliseconds."""
    page.evaluate(_CHANGES["results"])
    by_id(page, "search-box").first.fill(words)
    taken = _measured(page)
    _settle(page)
    return taken


def _bare_opened(page: Page) -> float:
    page.evaluate(_CHANGES["opened"])
    page.click("#open")
    taken = _measured(page)
    page.go_back()
    expect(page.locator("#open")).to_be_visible()
    return taken


def _bare_typed(page: Page, words: str) -> float:
    page.evaluate(_CHANGES["text"], "#typed")
    page.fill("#type", words)
    return _measured(page)


def _words() -> Iterator[tuple[str, str]]:
    """Yield pairs of words never asked for before: one for the browser, one for the service.

    No two of them begin alike: those of one stem find the same products, and every search is to
    change the page.
    """
    with open_work(read_only=True) as work:
        found = work.session.scalars(
            select(col(Word.word))
            .where(col(Word.products) >= LEAST_PRODUCTS, func.length(col(Word.word)) >= STEM)
            .order_by(func.md5(col(Word.word)))
        ).all()
    different = list({word[:STEM]: word for word in found}.values())
    yield from zip(different[::2], different[1::2], strict=False)
