"""The map beside the catalogue: the stores that have what was found in stock."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.services.catalogue import products_found
from app.services.stores import around, first_view, opening_of, show_store, stores_in_bounds
from app.views.areas import Area, Circle, bounds_of
from app.views.catalogue_query import CatalogueQuery, Layout
from app.views.maps import WORLD, MapCamera, MapMark, camera_on, likely_zoom
from app.views.store_text import NO_STORE, StoreRow, map_marks, store_of_key, store_row
from app.views.stores import Bounds, NearStore
from state.base import in_reading
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.session import viewer

# Of so many products, those on the first pages, the map shows where they are.
MOST_PRODUCTS = 1_000

log = logging.getLogger(__name__)


class CatalogueMapState(rx.State):
    """What the map shows; `chosen` is the key of the mark whose store is in `details`.

    `has_moved` says that the map shows another part of the world than it was told to, in which one
    may want to search. `pane` is list or map: a phone shows one of them.
    """

    marks: tuple[MapMark, ...] = ()
    camera: MapCamera = WORLD
    chosen: str = ""
    details: StoreRow = NO_STORE
    pane: str = "map"
    has_moved: bool = False
    note: str = ""
    problem: str = ""
    # What the map shows, the area that it was last told to show, and in which window: one that is
    # loaded anew has a new map.
    _view: tuple[Bounds, float] | None = None
    _told: Area | None = None
    _window: str = ""
    # It was told to show something else, or has just appeared: it comes to rest there by itself.
    _is_on_its_way: bool = False

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Show the marks of the question in the address, where it asks for a map."""
        query = self._query()
        if query.layout is not Layout.MAP:
            if self._view is not None:
                self._view = None
            return
        self.has_moved = False
        window = self.router.session.session_id
        if self._view is None or query.place != self._told or window != self._window:
            self._window = window
            await self._look_at(query.place)
        await self._show(query)

    @rx.event
    @public_catalogue
    def appear(self) -> None:
        """Expect a map that has just appeared to come to rest where it was told to."""
        self._is_on_its_way = True

    @rx.event(supersedes=True)
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def settle(
        self, south: float, west: float, north: float, east: float, zoom: float
    ) -> None:
        """Show the marks of what the map shows now."""
        try:
            bounds = bounds_of(south, west, north, east)
        except AppError as problem:
            self.problem = problem.sentence
            return
        if self._is_on_its_way and bounds.has(self.camera.bounds.middle):
            self._is_on_its_way = False
        elif self._view is None or self._view[0] != bounds:
            self.has_moved = True
        self._view = bounds, zoom
        await self._show(self._query())

    @rx.event
    @public_catalogue
    def search_this_area(self) -> EventSpec | None:
        """Narrow the result to what stores in the shown part of the world have in stock."""
        if self._view is None:
            return None
        # The map stays as it is: it shows the area already.
        self._told = self._view[0]
        self.has_moved = False
        return rx.redirect(replace(self._query().first_page(), place=self._told).address())

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def choose(self, key: str) -> None:
        """Show what is known of the store of a mark; "" closes that."""
        number = store_of_key(key)
        self.chosen, self.details = "", NO_STORE
        if number is None:
            return
        try:
            found = await in_reading(show_store, store_id=number)
        except AppError as problem:
            self.problem = problem.sentence
            return
        store = found.store
        opening = opening_of(store, datetime.now(UTC))
        self.details = store_row(NearStore(store, 0), opening, reader_locale(self))
        self.chosen = key

    @rx.event
    @public_catalogue
    def show_pane(self, pane: str) -> None:
        """Show the list or the map, where there is room for one of them."""
        self.pane = "map" if pane == "map" else "list"

    def _query(self) -> CatalogueQuery:
        return CatalogueQuery.parse(self.router.url.query)

    async def _look_at(self, area: Area | None) -> None:
        """Tell the map to show an area; without one all stores there are."""
        if isinstance(area, Circle):
            seen = around(area.point, area.km * 1000)
        else:
            seen = area or await in_reading(first_view, point=None)
        self._told, self._is_on_its_way = area, True
        self._view = seen, likely_zoom(seen)
        # What was searched is what a map showed.
        is_whole = isinstance(area, Bounds)
        self.camera = camera_on(seen, serial=self.camera.serial + 1, is_whole=is_whole)

    async def _show(self, query: CatalogueQuery) -> None:
        """Read the marks of the view; where nothing narrows the catalogue, those of all stores."""
        if self._view is None:
            return
        bounds, zoom = self._view
        try:
            found = None
            if query.text or query.has_filters:
                found = await in_reading(
                    products_found, query=query, at_most=MOST_PRODUCTS, viewer=viewer()
                )
            marks = await in_reading(stores_in_bounds, bounds=bounds, zoom=zoom, products=found)
        except AppError as problem:
            self.problem = problem.sentence
        except Exception:
            log.exception("The stores of a search could not be read")
            self.problem = "The stores cannot be read at the moment. Try again in a minute."
        else:
            self.problem = ""
            self.marks = map_marks(marks, reader_locale(self))
            is_cut = found is not None and len(found) == MOST_PRODUCTS
            some = f"The map shows where the first {MOST_PRODUCTS:,} are in stock."
            self.note = some if is_cut else ""
