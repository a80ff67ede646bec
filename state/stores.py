"""The page of all stores."""

from __future__ import annotations

import json

import reflex as rx
from reflex.event import EventSpec

from app.integrations.rates import Kind
from app.views.store_query import PATH, StoresQuery
from state.guard import counted_as, public_catalogue
from state.places import HERE, PlaceState
from state.stores_on_map import StoresOnMap


class StoresState(StoresOnMap, rx.State):
    """What the page shows; its address holds the view and the place."""

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Show what the address says, else what is near to the place of the visit."""
        query = StoresQuery.parse(self.router.url.query)
        place = await self.get_state(PlaceState)
        if query.near is not None:
            place.name, place.point = query.place or "the place of this link", query.near
        await self._open(query.view)

    async def _noted(self) -> EventSpec | None:
        """Keep the view and the place in the address, without coming to the page anew.

        Where somebody is, by their browser, stays out of it: addresses are passed on.
        """
        if self._view is None or self.router.url.path.rstrip("/") != PATH:
            return None
        place = await self.get_state(PlaceState)
        near = place.point if place.name != HERE else None
        address = StoresQuery(self._view[0], near, place.name if near else "").address()
        # Who has gone on before this arrives keeps the address of the page that they are on.
        is_here = f"location.pathname.replace(/[/]+$/, '') === {json.dumps(PATH)}"
        keep = f"history.replaceState(history.state, '', {json.dumps(address)})"
        return rx.call_script(f"{is_here} && {keep}")
