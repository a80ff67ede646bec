"""The place that a visitor wants to be near to, on every page that shows stores."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.integrations.rates import Kind
from app.services.stores import find_places
from app.views.stores import FoundPlace, Point
from state.catalogue import reader_locale
from state.guard import counted_as, public_catalogue
from state.turns import in_thread

HERE: Final = "where you are"
# To some ten metres: nobody needs to know it better.
DECIMALS: Final = 4
NOTHING_TYPED: Final = "Type a town, a postcode or an address."
UNKNOWN: Final = "No place is known by that name. Try a town or a postcode."
# Why a browser does not say where it is, by the code of its answer.
REFUSED: Final = 1
REFUSALS: Final = {
    REFUSED: "Your browser keeps where you are to itself. Allow it for this site, or type a place.",
    2: "Your device cannot tell where it is. Type a place instead.",
    3: "Your device takes too long to tell where it is. Type a place instead.",
}
# For a button: a browser is asked on request only, and asks the person in its turn.
ASK_THE_BROWSER: Final = """
new Promise((answer) => {
  if (!navigator.geolocation) return answer({ code: 2 });
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => answer({ latitude: coords.latitude, longitude: coords.longitude }),
    ({ code }) => answer({ code }),
    { timeout: 15000, maximumAge: 300000 },
  );
})
"""


class PlaceState(rx.State):
    """The place, for as long as the visit lasts; `found` is all that the typed words may mean.

    `taken` is which of those it is.

    What a browser says of where somebody is stays here: it is in no address and in no table.
    """

    name: str = ""
    point: Point | None = None
    found: tuple[FoundPlace, ...] = ()
    taken: int = 0
    problem: str = ""


class NearPlace(rx.State, mixin=True):
    """Choosing the place: for a page's state that then shows what is near to it (`_moved`)."""

    async def _moved(self) -> EventSpec | None:
        """Show what is near to the place of the visit, which is another now."""
        raise NotImplementedError

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def find_place(self, form: dict[str, Any]) -> EventSpec | None:
        """Go to the likeliest of the places that were typed into the field `place`."""
        place = await self.get_state(PlaceState)
        words = str(form.get("place", ""))
        language = reader_locale(self).partition("_")[0]
        place.found = ()
        try:
            found = await in_thread(lambda: find_places(words, language=language))
        except AppError as problem:
            place.problem = problem.sentence
            return None
        if not found:
            place.problem = UNKNOWN if words.strip() else NOTHING_TYPED
            return None
        place.found, place.taken = found, 0
        return await self._take(found[0].name, found[0].point)

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def take_place(self, number: int) -> EventSpec | None:
        """Go to another of the places that were found."""
        place = await self.get_state(PlaceState)
        if not 0 <= number < len(place.found):
            return None
        place.taken = number
        return await self._take(place.found[number].name, place.found[number].point)

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def locate(self, answer: dict[str, float]) -> EventSpec | None:
        """Go to where the browser says that the visitor is, or say why it does not."""
        place = await self.get_state(PlaceState)
        latitude, longitude = answer.get("latitude"), answer.get("longitude")
        place.found = ()
        if latitude is None or longitude is None:
            place.problem = REFUSALS.get(int(answer.get("code", 2)), REFUSALS[2])
            return None
        try:
            point = Point(round(latitude, DECIMALS), round(longitude, DECIMALS))
        except AppError as problem:
            place.problem = problem.sentence
            return None
        return await self._take(HERE, point)

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def forget_place(self) -> EventSpec | None:
        """Be near to no place any more, and show all there is."""
        place = await self.get_state(PlaceState)
        place.reset()
        return await self._moved()

    async def _take(self, name: str, point: Point) -> EventSpec | None:
        place = await self.get_state(PlaceState)
        place.name, place.point, place.problem = name, point, ""
        return await self._moved()
