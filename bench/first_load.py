"""What a browser that has never been here fetches and waits for, beside a near-empty Reflex page.

Everything on the wire counts as it travels: compressed, with its headers, and what comes over the
socket. Pictures are counted apart, because the bare page has none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from sqlalchemy import func, select
from sqlmodel import col

from app.config import settings
from app.models.catalogue import Product
from app.work import reading
from bench.bare_reflex import bare_reflex
from bench.chromium import browsing
from bench.row import Row, compared

if TYPE_CHECKING:
    from typing import Any

    from playwright.sync_api import Browser

    from app.work import Work

TURNS = 7
GOAL = 1.3
KB = 1000
# Each page is measured until this is there, its pictures and its socket are quiet.
PAGES = {
    "catalogue": "[data-testid=product-card]",
    "product page": "[data-testid=product-title]",
    "bare page": "#clicks",
}
QUIET_MS = 300
# The moment at which the largest thing of the window was drawn, in milliseconds.
_LARGEST = """
new Promise(resolve => new PerformanceObserver(entries =>
  resolve(entries.getEntries().at(-1).startTime)
).observe({type: "largest-contentful-paint", buffered: true}))
"""
_QUIET = f"""
new Promise(resolve => {{
  let timer = setTimeout(resolve, {QUIET_MS});
  new PerformanceObserver(() => {{ clearTimeout(timer); timer = setTimeout(resolve, {QUIET_MS}) }})
    .observe({{type: "resource"}});
}})
"""


@dataclass
class Load:
    """One first load: bytes and requests by kind (Document, Script, Image, …), and its LCP."""

    weight: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    lcp: float = 0.0
    _kinds: dict[str, str] = field(default_factory=dict)

    def answered(self, event: dict[str, Any]) -> None:
        """Note what kind of thing a request is for."""
        self._kinds[event["requestId"]] = event["type"]

    def fetched(self, event: dict[str, Any]) -> None:
        """Note how much came for a request."""
        kind = self._kinds.get(event["requestId"], "Other")
        self.weight[kind] += int(event["encodedDataLength"])
        self.requests[kind] += 1

    def heard(self, event: dict[str, Any]) -> None:
        """Note a message that came over the socket."""
        self.weight["Socket"] += len(event["response"]["payloadData"].encode())

    def without_pictures(self, counted: Counter[str]) -> int:
        """Return a sum of all kinds but pictures."""
        return counted.total() - counted["Image"]


def rows(size: int) -> list[Row]:  # noqa: ARG001 - the catalogue is the demo's, however large
    """Return weight, requests and largest paint of the two pages that people see first."""
    url = f"http://localhost:{settings().app_port}"
    products, product_id = reading(_products)
    loads: defaultdict[str, list[Load]] = defaultdict(list)
    with bare_reflex() as bare, browsing() as browser:
        addresses = {
            "catalogue": url,
            "product page": f"{url}/product/{product_id}",
            "bare page": bare,
        }
        # The first turn has the pictures made; it is left out.
        for _ in range(TURNS + 1):
            for name, address in addresses.items():
                loads[name].append(_load(browser, address, until=PAGES[name]))
    floor = loads.pop("bare page")[1:]
    return [row for name, ours in loads.items() for row in _rows(products, name, ours[1:], floor)]


def _products(work: Work) -> tuple[int, int]:
    """Return how many products there are, and one with a picture."""
    with_picture = func.cardinality(col(Product.pictures)) > 0
    return (
        work.session.scalar(select(func.count()).select_from(Product)) or 0,
        work.session.scalar(select(func.min(col(Product.id))).where(with_picture)) or 0,
    )


def _load(browser: Browser, address: str, *, until: str) -> Load:
    """Open a page in a browser that has kept nothing."""
    load = Load()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.on("Network.responseReceived", load.answered)
    network.on("Network.loadingFinished", load.fetched)
    network.on("Network.webSocketFrameReceived", load.heard)
    network.send("Network.enable")
    page.goto(address)
    expect(page.locator(until).first).to_be_visible()
    page.evaluate(_QUIET)
    load.lcp = page.evaluate(_LARGEST)
    context.close()
    return load


def _rows(size: int, name: str, ours: list[Load], floor: list[Load]) -> list[Row]:
    def kilobytes(loads: list[Load]) -> float:
        return median(load.without_pictures(load.weight) for load in loads) / KB

    def requests(loads: list[Load]) -> float:
        return median(load.without_pictures(load.requests) for load in loads)

    what = f"first load of the {name}"
    weight = compared(f"{what}, without pictures", size, kilobytes(ours), kilobytes(floor), "kB")
    weight["goal"], weight["met"] = f"at most {GOAL} times", weight["ratio"] <= GOAL
    pictures = median(load.weight["Image"] for load in ours) / KB
    return [
        weight,
        compared(f"{what}, pictures", size, pictures, 0.0, "kB"),
        compared(f"{what}, requests", size, requests(ours), requests(floor), "without pictures"),
        compared(
            f"{what}, largest paint",
            size,
            median(load.lcp for load in ours),
            median(load.lcp for load in floor),
            "ms",
        ),
    ]
