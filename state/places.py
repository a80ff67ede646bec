"""What a box for a place knows. The page says what happens with the place that is chosen."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.services.stores import find_places
from app.views.places import PlaceChoice, place_choices
from app.views.stores import Point
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.turns import in_thread

MAX_TYPED = 1000
# What the place is called that a browser says.
HERE = "where you are"


class PlaceState(rx.State):
    """The place that stores are listed near to, on every page, for as long as the visit lasts.

    `name` is "" where there is none. What a browser says of where somebody is stays here: it is in
    no address and in no table.
    """

    name: str = ""
    point: Point | None = None


class PlaceBox(rx.State, mixin=True):
    """Places that fit the typed words, where there are several to choose from.

    A page has a State of its own made of this, which says in `_go_to` what a place is for.
    """

    place_choices: tuple[PlaceChoice, ...] = ()
    place_problem: str = ""

    async def _go_to(self, name: str, point: Point) -> EventSpec | None:
        """Do what a place was searched for; `name` is "" for where the reader is."""
        raise NotImplementedError

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def find_place(self, form: dict[str, Any]) -> EventSpec | None:
        """Look for the place typed as `place`: go there where there is one, else offer several."""
        words = " ".join(str(form.get("place", ""))[:MAX_TYPED].split())
        self.place_choices = ()
        if not words:
            self.place_problem = "Type a town, a postcode or an address."
            return None
        locale = reader_locale(self)
        try:
            found = await in_thread(lambda: find_places(words, language=locale[:2]))
        except AppError as problem:
            self.place_problem = problem.sentence
            return None
        if not found:
            self.place_problem = f"No place is known as “{words}”. Try a town or a postcode."
            return None
        self.place_problem = ""
        if len(found) == 1:
            return await self._go_to(found[0].name, found[0].point)
        self.place_choices = place_choices(found, locale)
        return None

    @rx.event
    @public_catalogue
    async def choose_place(self, at: int) -> EventSpec | None:
        """Go to one of the places on offer."""
        if not 0 <= at < len(self.place_choices):
            return None
        chosen = self.place_choices[at]
        self.place_choices = ()
        return await self._go_to(chosen.name, Point(chosen.latitude, chosen.longitude))

    @rx.event
    @public_catalogue
    async def be_here(self, latitude: float, longitude: float) -> EventSpec | None:
        """Go to where the browser says that the reader is."""
        try:
            point = Point(latitude, longitude)
        except AppError as problem:
            self.place_problem = problem.sentence
            return None
        self.place_choices, self.place_problem = (), ""
        return await self._go_to("", point)
