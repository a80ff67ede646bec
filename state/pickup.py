"""Choosing the store where a supplier's part of the order is picked up: a list beside a map."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.models.accounts import Permission
from app.services import ordering
from app.services.stores import find_places
from app.views.maps import WORLD, MapCamera, MapMark
from app.views.pickup import NO_CHOICE, PickupChoice, camera_of, is_apart, mark_of
from app.views.stores import Bounds, Point
from state.base import in_reading
from state.basket import BasketState
from state.checkout import CheckoutState, town_of
from state.guard import counted_as, requires
from state.places import HERE, PlaceBox
from state.session import signed_in
from state.turns import in_thread

PANES: Final = ("list", "map")


class PickupState(PlaceBox, rx.State):
    """The stores of one supplier, those first that have all of the basket; 0 is no supplier.

    `near` names the place they are near to, "" where there is none; `marked` is the store that is
    marked out in the list and on the map. On a phone one of the panes is shown.
    """

    supplier_id: int = 0
    supplier: str = ""
    near: str = ""
    choices: tuple[PickupChoice, ...] = ()
    marks: tuple[MapMark, ...] = ()
    camera: MapCamera = WORLD
    marked: PickupChoice = NO_CHOICE
    pane: str = "list"
    problem: str = ""
    # Whether the map shows another place than the list is near to.
    has_moved: bool = False
    _point: Point | None = None
    _middle: Point | None = None
    _listed: Point | None = None

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.SEARCHING)
    async def open(self, supplier_id: int) -> None:
        """Show the stores of a supplier that the basket has something of."""
        basket = await self.get_state(BasketState)
        part = next((one for one in basket.basket.parts if one.supplier_id == supplier_id), None)
        if part is None or not part.has_stores:
            return
        self.supplier_id, self.supplier, self.pane = supplier_id, part.supplier, "list"
        self.place_problem, self.place_choices = "", ()
        # They may be another supplier's, and reading this one's may fail.
        self.choices, self.marks, self.marked = (), (), NO_CHOICE
        if self._point is None:
            await self._begin_at_the_address()
        await self._look()

    async def _begin_at_the_address(self) -> None:
        """Begin near the town that the order would go to, where that is known."""
        checkout = await self.get_state(CheckoutState)
        if not (words := town_of(checkout)):
            return
        try:
            found = await in_thread(lambda: find_places(words))
        except AppError:
            return
        if found:
            self.near, self._point = found[0].name, found[0].point

    async def _go_to(self, name: str, point: Point) -> EventSpec | None:
        # Places may be searched for by everybody; stores are for who has opened them.
        if not self.supplier_id:
            return None
        self.near, self._point = name or HERE, point
        await self._look()
        return None

    async def _look(self) -> None:
        """Read the stores and show them on the map."""
        await self._read()
        self.camera = camera_of(self.choices, self._point, serial=self.camera.serial + 1)
        self._listed = self.camera.bounds.middle

    async def _read(self) -> None:
        try:
            person = signed_in()
            self.choices = await in_reading(
                ordering.pickup_choices,
                person_id=person.person_id,
                supplier_id=self.supplier_id,
                near=self._point,
                locale=person.locale,
            )
        except AppError as problem:
            self.problem = problem.sentence
            return
        self.problem, self.marked, self.has_moved = "", NO_CHOICE, False
        self.marks = tuple(mark for one in self.choices if (mark := mark_of(one)))

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.READING)
    def close(self) -> None:
        """Leave the choice as it was."""
        self.supplier_id = 0

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.READING)
    def show_pane(self, pane: str) -> None:
        """Show the list or the map, where there is room for one of them."""
        self.pane = pane if pane in PANES else self.pane

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.READING)
    def mark(self, key: str) -> None:
        """Mark a store out in the list and on the map; "" for none."""
        self.marked = next((one for one in self.choices if one.key == key), NO_CHOICE)

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.READING)
    def settle(self, south: float, west: float, north: float, east: float, zoom: float) -> None:  # noqa: ARG002 - what a map says
        """Remember what the map shows."""
        try:
            view = Bounds(south, west, north, east)
        except AppError:
            return
        self._middle = view.middle
        self.has_moved = self._listed is not None and is_apart(self._middle, self._listed, view)

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.SEARCHING)
    async def search_area(self) -> None:
        """Show the stores nearest to the middle of what the map shows."""
        if self._middle is None or not self.supplier_id:
            return
        self.near, self._point, self._listed = "the middle of the map", self._middle, self._middle
        await self._read()

    @rx.event
    @requires(Permission.ORDER_PLACE)
    @counted_as(Kind.READING)
    async def choose(self, store_id: int) -> None:
        """Pick the supplier's part up at one of the stores on offer."""
        chosen = next((one for one in self.choices if one.store_id == store_id), None)
        if chosen is None or chosen.lacks or not self.supplier_id:
            return
        checkout = await self.get_state(CheckoutState)
        checkout.pickups = {**checkout.pickups, str(self.supplier_id): chosen}
        checkout.errors, checkout.problem = {}, ""
        self.supplier_id = 0
