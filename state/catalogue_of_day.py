"""The catalogue as it was on a day."""

from __future__ import annotations

import logging
from dataclasses import replace

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.views.catalogue_query import CatalogueQuery
from app.views.catalogue_text import KNOWN_SORTS, PAST_SORTS
from app.views.day_text import NO_DAY, DayText, cards_of_day, day_text
from app.views.days import past_day
from state.catalogue import CATALOGUE_PATH, reader_locale
from state.guard import counted_as, public_catalogue
from state.past import UNREADABLE, PastResults
from state.session import viewer
from state.turns import in_thread

DAYS = "/catalogue"

log = logging.getLogger(__name__)


class CatalogueOfDayState(PastResults, rx.State):
    """What the page of one day shows; `asked` is the end of the address that it is about.

    `phase` may be missing, too, where that is no day which is past.
    """

    asked: str = ""
    day: DayText = NO_DAY

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Answer the question in the address for its day."""
        query = self._query()
        asked = query.path.rpartition("/")[2]
        if self.asked != asked:
            self.reset()
            self.asked = asked
        day = past_day(asked)
        if day is None:
            self.phase = "missing"
            return
        # DuckDB is loaded by those who look into the past, not by every process at its start.
        from app.services.snapshots.day import catalogue_of_day  # noqa: PLC0415 - DuckDB

        person = viewer()
        try:
            found = await in_thread(lambda: catalogue_of_day(viewer=person, day=day, query=query))
        except AppError as problem:
            self._fail(problem.sentence)
        except Exception:
            log.exception("The catalogue of a day could not be read")
            self._fail(UNREADABLE)
        else:
            locale = reader_locale(self)
            self.day = day_text(found, locale)
            orders = PAST_SORTS if found.snapshot else KNOWN_SORTS
            cards = cards_of_day(found, locale)
            self._show(found.result, found.query, cards, locale, orders=orders)

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    def look_back(self, day: str, query: str) -> EventSpec | None:
        """Go to a day, with what is asked of the catalogue now; "" leads back to today."""
        asked = replace(CatalogueQuery.parse(query), after=None)
        if not day:
            return rx.redirect(replace(asked, path=CATALOGUE_PATH).address())
        if past_day(day) is None:
            # Somebody is still typing the year.
            return None
        return rx.redirect(replace(asked, path=f"{DAYS}/{day}").address())
