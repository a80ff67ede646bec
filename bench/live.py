"""The live page: from a commit in another process to the changed page in a browser.

The clock starts before the commit and stops when the page's document has changed, both on this
machine's clock. The floor beside it is the same commit and announcement, heard by a bare
subscriber: what is above it is our hub, the query, Reflex's delta, the socket and the browser.
"""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import time
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from app import db
from app.config import Settings, settings
from app.embedded.ports import free_port
from app.integrations import live
from app.integrations.redis import cache_client
from app.models.accounts import ROLE_PERMISSIONS, Person, Role
from app.models.catalogue import Product
from app.models.columns import stored
from app.models.ordering import Order
from app.services.ordering import add_to_basket, place_order
from app.services.ordering.moves import note_on_timeline
from app.views.accounts import Viewer
from app.work import open_work, within
from bench.chromium import browsing
from bench.row import Row, compared
from tests.e2e.journeys import expect_state, sign_in
from tests.factories.ordering import ADDRESS
from tests.running import started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from app.work import Work

CHANGES = 60
GOAL_MS = 100.0
SUMMARY = "AnythingYouWantt runs"
# Notes the moment at which each step appears in the timeline.
_WATCH = """
window.seen = {};
new MutationObserver(() => {
  const at = performance.timeOrigin + performance.now();
  for (const step of document.querySelectorAll("[data-testid=order-timeline] .line-first"))
    window.seen[step.textContent] ??= at;
}).observe(document.body, {childList: true, subtree: true, characterData: true});
"""


def rows(size: int) -> list[Row]:
    """Return p50 and p95 of one web process and of two, in milliseconds."""
    found = _rows(size, "one web process", f"http://localhost:{settings().app_port}")
    with _two_processes() as url:
        return found + _rows(size, "two web processes", url)


def _rows(size: int, what: str, url: str) -> list[Row]:
    ours, number = _page_latencies(url)
    floor = _bare_latencies(number)
    return [
        compared(
            f"commit to changed page, {what}, {name}",
            size,
            at(ours),
            at(floor),
            "ms",
            goal=f"under {GOAL_MS:.0f} ms",
            met=at(ours) < GOAL_MS,
        )
        for name, at in (("p50", median), ("p95", _p95))
    ]


def _p95(figures: list[float]) -> float:
    return quantiles(figures, n=20)[-1]


@contextmanager
def _two_processes() -> Iterator[str]:
    """Start a second installation whose page state lives in Redis, and point the settings to it."""
    before = dict(os.environ)
    db.engine().dispose()
    # It starts services of its own, so it must not hear of those that run already.
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    port = free_port()
    two = {"WEB_PROCESSES": "2"}
    try:
        with (
            TemporaryDirectory() as folder,
            started(
                Path(folder), "up", f"--port={port}", until=SUMMARY, environment=two
            ) as running,
        ):
            os.environ.update(running, DATA_DIR=folder, APP_PORT=str(port))
            settings.cache_clear()
            yield f"http://localhost:{port}"
            db.engine().dispose()
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


def _page_latencies(url: str) -> tuple[list[float], int]:
    """Return how long each change took to reach the open page of an order, and its number."""
    with browsing() as browser:
        page = browser.new_page()
        sign_in(page, url)
        number = within(_order_of_the_buyer)
        page.goto(f"{url}/orders/{number}")
        expect_state(page, "completed")
        page.evaluate(_WATCH)
        # The first change also warms the connection pools.
        return [_change(page, number) for _ in range(CHANGES + 1)][1:], number


def _order_of_the_buyer(work: Work) -> int:
    """Place an order for the person who has just signed in and return its number."""
    person = work.session.scalars(select(Person).order_by(col(Person.signed_in_at).desc())).first()
    product_id = work.session.scalar(select(col(Product.id)).limit(1))
    if person is None or product_id is None:
        raise RuntimeError("Nobody has signed in, or there is no product.")
    buyer = Viewer(
        person_id=stored(person.id),
        session_id=uuid4(),
        name=person.name,
        email=person.email,
        roles=(Role.BUYER,),
        permissions=ROLE_PERMISSIONS[Role.BUYER],
        locale=person.locale,
    )
    add_to_basket(work, person_id=buyer.person_id, product_id=product_id)
    return place_order(work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS).number


def _write_step(number: int, title: str) -> float:
    """Commit one step of the order; return when the commit began, seconds since 1970."""
    with open_work() as work:
        order = work.session.scalars(select(Order).where(col(Order.number) == number)).one()
        note_on_timeline(work, order=order, kind="bench", title=title)
        work.session.flush()
        return time()


def _change(page: Page, number: int) -> float:
    """Write one step of the order; return the milliseconds until the page shows it."""
    title = f"Step {uuid4()}"
    began = _write_step(number, title)
    page.wait_for_function("title => window.seen[title]", arg=title)
    return page.evaluate("title => window.seen[title]", title) - began * 1000


def _bare_latencies(number: int) -> list[float]:
    """Return how long the same commit takes to be heard by a bare subscriber."""
    latencies: list[float] = []
    with closing(cache_client().pubsub()) as subscription:
        subscription.subscribe(live.CHANNEL)
        while (heard := subscription.get_message(timeout=5)) is None or heard[
            "type"
        ] != "subscribe":
            pass
        for _ in range(CHANGES):
            began = _write_step(number, f"Step {uuid4()}")
            while subscription.get_message(timeout=5) is None:
                pass
            latencies.append((time() - began) * 1000)
    return latencies
