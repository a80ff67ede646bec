"""What the address of the stores' page says: what the map shows, and the place to be near to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qs, urlencode

from app.errors import BadInput
from app.views.areas import degrees_in, written
from app.views.catalogue_query import clean
from app.views.stores import Bounds, Point

PATH: Final = "/stores"


@dataclass(frozen=True, slots=True)
class StoresQuery:
    """A view of the stores; `place` is the name of `near`."""

    view: Bounds | None = None
    near: Point | None = None
    place: str = ""

    @classmethod
    def parse(cls, query_string: str) -> Self:
        """Read the query part of an address; what cannot be read counts as not given."""
        given = {name: values[-1] for name, values in parse_qs(query_string).items()}
        try:
            view = Bounds(*degrees_in(given.get("view", ""), 4))
        except BadInput:
            view = None
        try:
            near = Point(*degrees_in(given.get("near", ""), 2))
        except BadInput:
            near = None
        return cls(view, near, clean(given.get("place", "")) if near else "")

    def address(self) -> str:
        """Return where on this site it is shown."""
        pairs: list[tuple[str, str]] = []
        if self.near is not None:
            pairs.append(("near", written(self.near.latitude, self.near.longitude)))
            pairs.append(("place", self.place))
        if self.view is not None:
            view = self.view
            pairs.append(("view", written(view.south, view.west, view.north, view.east)))
        return f"{PATH}?{urlencode(pairs, safe=',')}" if pairs else PATH
