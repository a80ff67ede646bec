"""The map of all stores in Chromium: from a view that has come to rest to its stores on screen.

The clock runs inside the page, from the message that leaves after the map's pause to the rows and
marks of the new view. The same walk with few stores is the floor. Then five hundred pans more, and
what the page holds of memory before and after them, once everything unused was collected.
"""

from __future__ import annotations

from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from sqlalchemy import text

from app import db
from app.config import settings
from bench.browser import CLOCK, GIVE_UP
from bench.chromium import browsing
from bench.memory import held_by
from bench.row import Row, compared
from tests.e2e.journeys import PATIENCE_MS, by_id
from tests.factories.stores import fill_stores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FEW, MANY = 1_000, 100_000
# Into the crowded part of the world, where a pan has stores to bring.
NEARER = 3
MEASURED = 40
# A walk about a square, so that what is kept of places is kept after the first time around.
SIDE = 5
WALK = [way for way in ("Right", "Down", "Left", "Up") for _ in range(SIDE)]
WARM_UP, PANS = 100, 500
MOST_TIMES = 3.0
MOST_GROWTH = 1.1
MEGABYTE = 2**20

# Distances are from the middle of the map, so every pan changes the rows, which come together with
# the marks; a zoom may change the marks alone.
_ARM = """() => {
    const shown = () => [
        ...document.querySelectorAll("[data-testid=store-row], [data-testid=store-marker]"),
    ].map(one => one.textContent + (one.dataset.key ?? "")).join();
    const was = shown();
    clock(() => shown() !== was, ".settle");
}"""


def rows(_size: int) -> list[Row]:
    """Walk about with few stores and with many."""
    url = f"http://localhost:{settings().app_port}/stores"
    with browsing() as browser:
        page = _opened(browser, url, FEW)
        few = _median(page)
        page.context.close()
        page = _opened(browser, url, MANY)
        many = _median(page)
        before, after = _memory(browser, page)
    return [
        compared(
            "map in Chromium: pan to settled marks, 100,000 stores beside 1,000",
            MANY,
            many,
            few,
            "ms",
            goal=f"at most {MOST_TIMES:g} times",
            met=many <= MOST_TIMES * few,
        ),
        *(
            compared(
                f"map in Chromium: {what} after {PANS} pans beside before",
                MANY,
                after[what],
                before[what],
                "MB",
                goal=f"at most {MOST_GROWTH:g} times",
                met=after[what] <= MOST_GROWTH * before[what],
            )
            for what in after
        ),
    ]


def _opened(browser: Browser, url: str, stores: int) -> Page:
    """Open the page with so many stores, near some of them, with the focus on the map."""
    with db.open_session() as session:
        session.execute(text("TRUNCATE supplier, store_cell RESTART IDENTITY CASCADE"))
        fill_stores(session, stores)
    # A pan is there at once, and what follows is measured.
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(CLOCK)
    page.goto(url)
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(NEARER):
        page.evaluate(_ARM)
        page.get_by_role("button", name="Zoom in").click()
        _measured(page)
    page.locator(".map-place").focus()
    return page


def _measured(page: Page) -> float:
    return page.evaluate(f"Promise.race([measured, {GIVE_UP}])")


def _walk(page: Page, steps: int) -> Iterator[float]:
    """Yield how long each of so many pans takes, in milliseconds."""
    for way in islice(cycle(WALK), steps):
        page.evaluate(_ARM)
        page.keyboard.press(f"Arrow{way}")
        yield _measured(page)


def _median(page: Page) -> float:
    return median(_walk(page, MEASURED))


def _memory(browser: Browser, page: Page) -> tuple[dict[str, float], dict[str, float]]:
    """Return what the page holds before and after the pans, in megabytes."""
    for _ in _walk(page, WARM_UP):
        pass
    before = _held(browser, page)
    for _ in _walk(page, PANS):
        pass
    return before, _held(browser, page)


def _held(browser: Browser, page: Page) -> dict[str, float]:
    """Return what its scripts hold, and its whole process with canvases and pictures."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    inside = browser.new_browser_cdp_session()
    processes = inside.send("SystemInfo.getProcessInfo")["processInfo"]
    inside.detach()
    renderers = [one["id"] for one in processes if one["type"] == "renderer"]
    heap = next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")
    return {
        "memory of scripts": heap / MEGABYTE,
        "memory of the whole page": held_by(renderers) / 1024,
    }
