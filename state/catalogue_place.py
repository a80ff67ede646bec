"""The place near which the catalogue is searched. The address holds it; nothing here does."""

from __future__ import annotations

from dataclasses import replace

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.services.stores import nearest_stores
from app.views.areas import USUAL_KM, Circle, circle_at
from app.views.catalogue_query import CatalogueQuery, clean
from app.views.stores import Point
from state.base import in_reading
from state.places import PlaceBox


class CataloguePlaceState(PlaceBox, rx.State):
    """The box of the filter "In stock near"."""

    async def _go_to(self, name: str, point: Point) -> EventSpec | None:
        """Narrow the result to what stores near the place have in stock."""
        asked = CatalogueQuery.parse(self.router.url.query).first_page()
        km = asked.place.km if isinstance(asked.place, Circle) else USUAL_KM
        place = circle_at(point, km, clean(name) or await _town_at(point))
        return rx.redirect(replace(asked, place=place).address())


async def _town_at(point: Point) -> str:
    """Return the town of the nearest store, by which people know where they are; "" for none."""
    try:
        found = await in_reading(nearest_stores, point=point, within_km=USUAL_KM, most=1)
    except AppError:
        return ""
    return found[0].store.city if found else ""
