"""The stores that have the product on screen."""

from __future__ import annotations

from dataclasses import replace

import reflex as rx

from app.integrations.rates import Kind
from app.views.stores import Bounds, StoreOrder
from state.guard import counted_as, public_catalogue
from state.places import PlaceState
from state.product import product_id
from state.stores_on_map import StoresOnMap


class ProductStoresState(StoresOnMap, rx.State):
    """What *Where to get it* shows: near to the place of the visit, else wherever it is."""

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

    async def _open(self, view: Bounds | None = None) -> None:
        """Show the nearest first, without a place those that have most."""
        place = await self.get_state(PlaceState)
        self.order = StoreOrder.NEAREST if place.point else StoreOrder.PIECES
        await super()._open(view)

    async def _wanted(self) -> int | None:
        return self._product
