"""One store on its page."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from app.errors import NotFound
from app.integrations.rates import Kind
from app.services.stores import around, opening_of, show_shelves, show_store
from app.views.catalogue_query import clean
from app.views.maps import WORLD, MapCamera, MapMark, camera_on
from app.views.store_page_text import (
    NO_PAGE,
    NO_SHELVES,
    ShelvesText,
    StorePageText,
    shelves_href,
    shelves_text,
    store_page_text,
)
from app.views.store_text import mark_of
from app.views.stores import Point
from app.work import Work
from state.base import in_reading, whole_number
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue

# An id has no more.
LARGEST_ID = 2**31 - 1
# How much of what is around it the map shows: our own has names of towns, and no streets.
AROUND_METRES = 8_000

log = logging.getLogger(__name__)


class StoreState(rx.State):
    """The store on screen; `phase` is loading, shown, missing or failed.

    `path` is the address that all of it belongs to: on the way to another store the state still
    holds the last one.
    """

    phase: str = "loading"
    path: str = ""
    page: StorePageText = NO_PAGE
    shelves: ShelvesText = NO_SHELVES
    marks: tuple[MapMark, ...] = ()
    camera: MapCamera = WORLD

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Show the store of the address, and the page of its shelves that the address names."""
        url = self.router.url
        path = url.path
        number = whole_number(path.rstrip("/").rpartition("/")[2]) or 0
        given = url.query_parameters
        words, before = clean(given.get("q", "")), whole_number(given.get("before", ""))
        if path != self.path:
            self.phase = "loading"
        try:
            page, shelves = await in_reading(
                _read, store_id=min(number, LARGEST_ID), words=words, before=before
            )
        except NotFound:
            self.phase = "missing"
        except Exception:
            log.exception("A store could not be read")
            self.phase = "failed"
        else:
            locale = reader_locale(self)
            opening = opening_of(page.store, datetime.now(UTC))
            self.page = store_page_text(page, opening, locale)
            self.shelves = shelves_text(
                shelves, path, words, is_first=before is None, locale=locale
            )
            self.phase = "shown"
            self._show_place()
        self.path = path

    def _show_place(self) -> None:
        """Mark where the store stands; a map that shows it already is left as people moved it."""
        store = self.page.store
        marks = (mark_of(store),) if self.page.has_place else ()
        if marks and marks != self.marks:
            near = around(Point(store.latitude, store.longitude), AROUND_METRES)
            self.camera = camera_on(near, serial=self.camera.serial + 1)
        self.marks = marks

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    def search(self, form: dict[str, Any]) -> EventSpec:
        """Look for words among what the store has."""
        return rx.redirect(shelves_href(self.path, clean(str(form.get("words", "")))))


def _read(work: Work, *, store_id: int, words: str, before: int | None) -> tuple[Any, Any]:
    return (
        show_store(work, store_id=store_id),
        show_shelves(work, store_id=store_id, words=words, before=before),
    )
