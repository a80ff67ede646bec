"""What the product on screen cost on a past day."""

from __future__ import annotations

from datetime import date

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.views.product_of_day_text import NO_DAY, ProductOfDayText, product_of_day_text
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.session import viewer
from state.turns import in_thread


class ProductOfDayState(rx.State):
    """The last answer; shown beside the product that it is about."""

    found: ProductOfDayText = NO_DAY

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def look_back(self, day: str, product_id: int) -> EventSpec | None:
        """Say what a product cost on a day; "" takes the answer away."""
        from app.services.snapshots.as_of import product_of_day  # noqa: PLC0415 - DuckDB

        try:
            wanted = date.fromisoformat(day)
        except ValueError:
            # Emptied, or somebody is still typing the date.
            self.found = NO_DAY
            return None
        person = viewer()
        try:
            found = await in_thread(
                lambda: product_of_day(viewer=person, product_id=product_id, day=wanted)
            )
        except AppError as problem:
            return rx.toast.error(problem.sentence)
        self.found = product_of_day_text(found, product_id, reader_locale(self))
        return None
