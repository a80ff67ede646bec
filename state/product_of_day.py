"""What the product on screen cost on a past day, or in a snapshot: the address says which."""

from __future__ import annotations

from functools import partial

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, NotFound, NotSignedIn
from app.integrations.rates import Kind
from app.views.days import past_day
from app.views.past import ProductOfDay
from app.views.product_of_day_text import NO_DAY, ProductOfDayText, product_of_day_text
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.product import product_id
from state.session import viewer
from state.snapshots import snapshot_id
from state.turns import in_thread

DAY = "as_of"
SNAPSHOT = "snapshot"


class ProductOfDayState(rx.State):
    """The last answer; shown beside the product that it is about."""

    found: ProductOfDayText = NO_DAY

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> EventSpec | None:
        """Say what held for the product of the address at the moment that the address names."""
        given = self.router.url.query_parameters
        day, snapshot = given.get(DAY, ""), given.get(SNAPSHOT, "")
        if not (day or snapshot):
            self.found = NO_DAY
            return None
        number = product_id(self.router.url.path)
        try:
            found = await in_thread(partial(_answer, number, day, snapshot))
        except AppError as problem:
            self.found = NO_DAY
            return rx.toast.error(problem.sentence)
        asked = self.router.url.query
        self.found = product_of_day_text(found, number, asked, reader_locale(self))
        return None

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    def look_back(self, day: str, product: int) -> EventSpec | None:
        """Ask what a product cost on a day; "" takes the answer away."""
        if day and past_day(day) is None:
            # Somebody is still typing the year.
            return None
        asked = f"?{DAY}={day}" if day else ""
        return rx.redirect(f"/product/{product}{asked}", replace=True)


def _answer(product: int, day: str, snapshot: str) -> ProductOfDay:
    """Answer for the snapshot that was named, else for the day."""
    from app.services.snapshots import as_of  # noqa: PLC0415 - DuckDB

    person = viewer()
    if snapshot:
        number = snapshot_id(snapshot)
        if person is None or number is None:
            raise NotSignedIn(as_of.TO_SIGN_IN)
        return as_of.product_of_snapshot(viewer=person, product_id=product, snapshot_id=number)
    past = past_day(day)
    if past is None:
        raise NotFound("There is no such day in the past.")
    return as_of.product_of_day(viewer=person, product_id=product, day=past)
