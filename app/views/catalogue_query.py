"""What somebody asks the catalogue, and its one written form: the query part of the address.

A link, a reload and the back button show the same page because nothing else remembers the query:
`CatalogueQuery.parse(query.render())` is the query again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self, TypeVar
from urllib.parse import parse_qsl, urlencode

from app.views.areas import Area, Circle, read_area, write_area

MAX_TEXT: Final = 200
MAX_CHOICES: Final = 50
MAX_ID: Final = 2**31 - 1
MAX_PRICE: Final = 10**15

Choice = TypeVar("Choice", bound=StrEnum)

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]+")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
# It may hold a name, which has up to 500 letters of 4 bytes.
_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]{1,4000}")


class Sort(StrEnum):
    """In which order products are listed."""

    BEST = "best"
    NEWEST = "newest"
    NAME = "name"
    PRICE_UP = "price-up"
    PRICE_DOWN = "price-down"

    @property
    def by_price(self) -> bool:
        """Whether the order compares prices, which needs one currency."""
        return self in {Sort.PRICE_UP, Sort.PRICE_DOWN}


class Layout(StrEnum):
    """How products are drawn."""

    GRID = "grid"
    TABLE = "table"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """One question to the catalogue.

    Prices are minor units of `currency`. `sort` None is the default order: the best match with
    words, the newest first without. `place` is where a store has to have it in stock. `after` is
    an opaque cursor of the service. `path` is the page that answers: the catalogue, or a snapshot
    of it.
    """

    text: str = ""
    suppliers: tuple[int, ...] = ()
    category: int | None = None
    brands: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    currency: str | None = None
    in_stock: bool = False
    place: Area | None = None
    sort: Sort | None = None
    layout: Layout = Layout.GRID
    after: str | None = None
    path: str = "/"

    @classmethod
    def parse(cls, query_string: str, *, path: str = "/") -> Self:
        """Read the query part of an address; what cannot be read counts as not given."""
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(query_string, errors="replace")[: 4 * MAX_CHOICES]:
            given.setdefault(name, []).append(value)

        def last(name: str) -> str:
            return given.get(name, [""])[-1]

        suppliers = {_number(value, MAX_ID) for value in given.get("supplier", [])} - {None}
        return cls(
            text=clean(last("q")),
            suppliers=tuple(sorted(number for number in suppliers if number))[:MAX_CHOICES],
            category=_number(last("category"), MAX_ID) or None,
            brands=tuple(sorted({clean(name) for name in given.get("brand", [])} - {""}))[
                :MAX_CHOICES
            ],
            price_min=_number(last("min"), MAX_PRICE),
            price_max=_number(last("max"), MAX_PRICE),
            currency=last("currency") if _CURRENCY.fullmatch(last("currency")) else None,
            in_stock=last("stock") == "1",
            place=read_area(last, clean),
            sort=_one_of(Sort, last("sort")),
            layout=_one_of(Layout, last("view")) or Layout.GRID,
            # A cursor that cannot be one is kept, so that the reader is told instead of misled.
            after=(last("after") if _CURSOR.fullmatch(last("after")) else "broken")
            if last("after")
            else None,
            path=path,
        )

    def render(self) -> str:
        """Write the query part of an address, without the question mark; defaults stay out."""
        pairs: list[tuple[str, str | int]] = []
        if self.text:
            pairs.append(("q", self.text))
        pairs += [("supplier", number) for number in self.suppliers]
        if self.category is not None:
            pairs.append(("category", self.category))
        pairs += [("brand", name) for name in self.brands]
        optional: list[tuple[str, str | int | None]] = [
            ("min", self.price_min),
            ("max", self.price_max),
            ("currency", self.currency),
            ("stock", 1 if self.in_stock else None),
            *write_area(self.place),
            ("sort", self.sort),
            ("view", self.layout if self.layout is not Layout.GRID else None),
            ("after", self.after),
        ]
        given = pairs + [(name, value) for name, value in optional if value is not None]
        return urlencode(given, safe=",")

    def address(self) -> str:
        """Return where on this site the query is answered."""
        rendered = self.render()
        return f"{self.path}?{rendered}" if rendered else self.path

    @property
    def order(self) -> Sort:
        """The order that holds: the asked-for one, else the default."""
        if self.sort is None or (self.sort is Sort.BEST and not self.text):
            return Sort.BEST if self.text else Sort.NEWEST
        return self.sort

    @property
    def has_price(self) -> bool:
        """Whether a price range is asked for."""
        return self.price_min is not None or self.price_max is not None

    @property
    def has_filters(self) -> bool:
        """Whether anything but words narrows the catalogue."""
        return bool(
            self.suppliers
            or self.category is not None
            or self.brands
            or self.has_price
            or self.in_stock
            or self.place is not None
        )

    def first_page(self) -> Self:
        """Return the same question from its first page."""
        return replace(self, after=None)

    def narrowing(self) -> Self:
        """Return what decides the counts: order, layout and a place's name change none of them.

        An order by price counts, because it leaves products of other currencies out.
        """
        sort = self.sort if self.order.by_price else None
        place = replace(self.place, name="") if isinstance(self.place, Circle) else self.place
        return replace(self, sort=sort, layout=Layout.GRID, place=place, after=None)

    def with_text(self, text: str) -> Self:
        """Return the same question with other words, from its first page."""
        return replace(self, text=clean(text), after=None)

    def toggle_supplier(self, number: int) -> Self:
        """Choose a supplier, or drop it where it is chosen."""
        return replace(
            self, suppliers=tuple(sorted({number} ^ set(self.suppliers)))[:MAX_CHOICES], after=None
        )

    def toggle_brand(self, name: str) -> Self:
        """Choose a brand, or drop it where it is chosen."""
        return replace(
            self,
            brands=tuple(sorted({clean(name)} ^ set(self.brands) - {""}))[:MAX_CHOICES],
            after=None,
        )

    def without_filters(self) -> Self:
        """Return the question with its words, order and layout alone."""
        return type(self)(text=self.text, sort=self.sort, layout=self.layout, path=self.path)


def clean(text: str) -> str:
    """Return `text` as it can be searched and stored: printable, one space, `MAX_TEXT` long."""
    printable = _UNPRINTABLE.sub(" ", text.encode("utf-8", "replace").decode())
    return " ".join(printable.split())[:MAX_TEXT].rstrip()


def _number(value: str, most: int) -> int | None:
    """Return a whole number from 0 to `most`, None for anything else."""
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most))):
        return None
    return number if (number := int(value)) <= most else None


def _one_of(choices: type[Choice], value: str) -> Choice | None:
    return choices(value) if value in choices.__members__.values() else None
