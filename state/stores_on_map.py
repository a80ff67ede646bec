"""Stores in a list beside a map, in step with it: what every page has that shows both.

A page takes `StoresOnMap` for its own state, says in `_wanted` which stores it is about, calls
`_open` when it is opened, and draws it with `components.stores.finder`, which can give each row an
action of the page's own:

    class PickupState(StoresOnMap, rx.State):
        async def _wanted(self) -> int | None: ...

        @rx.event
        @requires(Permission.ORDER_PLACE)
        async def open(self) -> None:
            await self._open()

    finder(PickupState, label="Pickup points", action=lambda store: button(...))
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.services.stores import (
    around,
    first_view,
    metres_between,
    opening_of,
    show_view,
    stores_in_view,
)
from app.views.maps import WORLD, MapCamera, MapMark, camera_on, likely_zoom
from app.views.store_text import (
    NO_STORE,
    NO_STORES,
    StoreRow,
    StoresText,
    distance_text,
    map_marks,
    mark_of,
    store_row,
    stores_text,
)
from app.views.stores import Bounds, Mark, NearStore, Point, StoreOrder, StoresInView
from state.base import in_reading
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.places import HERE, PlaceBox, PlaceState

# A store and what stands at the same door.
SAME_DOOR_METRES = 25

log = logging.getLogger(__name__)


class StoresOnMap(PlaceBox, rx.State, mixin=True):
    """What the list and the map show; `phase` is loading, shown or failed.

    `chosen` is the key of the store whose row and mark are chosen, `details` the same store.
    `pane` is list or map: a phone shows one of them. `near` is what the list is nearest to.
    """

    phase: str = "loading"
    problem: str = ""
    stores: StoresText = NO_STORES
    marks: tuple[MapMark, ...] = ()
    camera: MapCamera = WORLD
    chosen: str = ""
    details: StoreRow = NO_STORE
    pane: str = "list"
    order: str = StoreOrder.NEAREST.value
    near: str = ""
    _view: tuple[Bounds, float] | None = None

    async def _wanted(self) -> int | None:
        """Return the product that the stores have to have; None for any store."""
        return None

    async def _noted(self) -> EventSpec | None:
        """Return what keeps the view and the place in the address; nothing by default."""
        return None

    @rx.event(supersedes=True)
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def settle(
        self, south: float, west: float, north: float, east: float, zoom: float
    ) -> EventSpec | None:
        """List what the map shows now that somebody has moved it."""
        try:
            self._view = Bounds(south, west, north, east), zoom
        except AppError as problem:
            return rx.toast.error(problem.sentence)
        await self._look()
        return await self._noted()

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def choose(self, key: str) -> None:
        """Choose the store of a row and show its mark; "" chooses none."""
        await self._choose(key)
        self.pane = "map" if self.chosen else self.pane

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def choose_mark(self, key: str) -> EventSpec | None:
        """Choose the store of a mark and bring its row into view."""
        await self._choose(key)
        if not self.chosen:
            return None
        row = f"document.getElementById({json.dumps(self.chosen)})"
        return rx.call_script(f"{row}?.scrollIntoView({{ block: 'nearest' }})")

    @rx.event
    @public_catalogue
    def show_pane(self, pane: str) -> None:
        """Show the list or the map, where there is room for one of them."""
        self.pane = "map" if pane == "map" else "list"

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def set_order(self, order: str) -> None:
        """List in another order."""
        if order in StoreOrder.__members__.values():
            self.order = order
            await self._look()

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def show_all(self) -> EventSpec | None:
        """Be near to no place any more, and show all stores."""
        return await self._be_near("", None)

    async def _go_to(self, name: str, point: Point) -> EventSpec | None:
        return await self._be_near(name or HERE, point)

    async def _be_near(self, name: str, point: Point | None) -> EventSpec | None:
        place = await self.get_state(PlaceState)
        place.name, place.point = name, point
        await self._open()
        return await self._noted()

    async def _open(self, view: Bounds | None = None) -> None:
        """Show `view`; without one what is near to the place of the visit, else all stores."""
        place = await self.get_state(PlaceState)
        asked = {"point": place.point, "product_id": await self._wanted()}
        is_whole = view is not None
        try:
            view = view or await in_reading(first_view, **asked)
        except Exception as problem:  # noqa: BLE001 - noted, and said in the place of the list
            self.phase, self.problem = "failed", _said(problem)
            return
        self.camera = camera_on(view, serial=self.camera.serial + 1, is_whole=is_whole)
        self._view = view, likely_zoom(view)
        await self._look()

    async def _look(self) -> None:
        """Read what is in the view: the marks of the map, and the list."""
        if self._view is None:
            return
        place = await self.get_state(PlaceState)
        bounds, zoom = self._view
        asked = {"point": place.point, "product_id": await self._wanted()}
        try:
            found, marks = await in_reading(
                show_view, bounds=bounds, zoom=zoom, order=StoreOrder(self.order), **asked
            )
        except Exception as problem:  # noqa: BLE001 - as above
            self.phase, self.problem = "failed", _said(problem)
        else:
            self.near = place.name
            self._show(found, marks, place.point or bounds.middle)

    def _show(self, found: StoresInView, marks: tuple[Mark, ...], near: Point) -> None:
        locale = reader_locale(self)
        self.stores = stores_text(rows_of(found.stores, locale), marks, locale, is_all=found.is_all)
        self.marks = map_marks(marks, locale)
        self.phase = "shown"
        if self.chosen and self._view is not None:
            self.stores, self.details = with_chosen(
                self.stores, self.details, self._view[0], near, locale
            )
            self.chosen = self.details.key
            if self.chosen and all(mark.key != self.chosen for mark in self.marks):
                self.marks = (*self.marks, mark_of(self.details))

    async def _choose(self, key: str) -> None:
        row = next((row for row in self.stores.rows if row.key == key), None)
        mark = next((mark for mark in self.marks if mark.key == key), None)
        if row is None and mark is not None:
            # Of many stores on the map not all are in the list.
            door = around(Point(mark.latitude, mark.longitude), SAME_DOOR_METRES)
            asked = {"bounds": door, "product_id": await self._wanted()}
            at_door = await in_reading(stores_in_view, **asked)
            rows = rows_of(at_door.stores, reader_locale(self))
            row = next((row for row in rows if row.key == key), None)
        self.chosen, self.details = (key, row) if row else ("", NO_STORE)
        await self._look()


def _said(problem: Exception) -> str:
    """Return what is said of a failure; one of ours is noted."""
    if isinstance(problem, AppError):
        return problem.sentence
    log.error("Stores could not be read", exc_info=problem)
    return "The stores cannot be read at the moment. Try again in a minute."


def rows_of(stores: Iterable[NearStore], locale: str) -> tuple[StoreRow, ...]:
    """Write stores for a reader, open or closed as they are now."""
    now = datetime.now(UTC)
    return tuple(store_row(each, opening_of(each.store, now), locale) for each in stores)


def with_chosen(
    stores: StoresText, chosen: StoreRow, bounds: Bounds, near: Point, locale: str
) -> tuple[StoresText, StoreRow]:
    """Return the list with the chosen store in it, as long as the map shows where that stands."""
    listed = next((row for row in stores.rows if row.key == chosen.key), None)
    if listed is not None:
        return stores, listed
    stands = Point(chosen.latitude, chosen.longitude)
    if not bounds.has(stands):
        return stores, NO_STORE
    far = distance_text(metres_between(near, stands), locale)
    kept = replace(chosen, distance=far)
    return replace(stores, rows=(kept, *stores.rows)), kept
