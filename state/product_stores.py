"""The stores that have the product on screen."""

from __future__ import annotations

from dataclasses import replace

import reflex as rx

from app.integrations.rates import Kind
from app.services.stores import stores_without_place
from app.views.store_text import StoreRow
from app.views.stores import Bounds, StoreOrder
from state.base import in_reading
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.places import PlaceState
from state.product import product_id
from state.stores_on_map import StoresOnMap, rows_of


class ProductStoresState(StoresOnMap, rx.State):
    """What *Where to get it* shows: near to the place of the visit, else wherever it is."""

    # Those that have it, too, and are on no map.
    elsewhere: tuple[StoreRow, ...] = ()
    _product: int = 0

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Show the stores that have the product of the address."""
        number = product_id(self.router.url.path)
        if number != self._product:
            serial = self.camera.serial
            self.reset()
            self.camera = replace(self.camera, serial=serial)
            self._product = number
        await self._open()
        found = await in_reading(stores_without_place, product_id=number)
        self.elsewhere = rows_of(found, reader_locale(self))

    async def _open(self, view: Bounds | None = None) -> None:
        """Show the nearest first, without a place those that have most."""
        place = await self.get_state(PlaceState)
        self.order = StoreOrder.NEAREST if place.point else StoreOrder.PIECES
        await super()._open(view)

    async def _wanted(self) -> int | None:
        return self._product
