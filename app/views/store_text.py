"""Stores as text on screen, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from app.views import formatting
from app.views.cards import stock_word
from app.views.maps import MapMark
from app.views.places import counted_stores
from app.views.store_hours_text import hours_line, opening_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.views.stores import Mark, NearStore, Opening, StoreCard

METRES_IN_KM: Final = 1000
# From so many kilometres on nobody counts tenths.
FAR_KM: Final = 10
_DIRECTIONS: Final = "https://www.google.com/maps/dir/?"


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store in a list and in the popup at its mark.

    `opening` is "" where nobody can tell, and `hours` says then what its feed says. `stock` and
    `price` are "" where no product was asked for, `directions` where it needs a place. `price_note`
    says where a price holds that is not the catalogue's.
    """

    id: int
    key: str
    href: str
    name: str
    supplier: str
    address: str
    distance: str
    opening: str
    opening_tone: str
    hours: str
    stock: str
    stock_tone: str
    price: str
    price_note: str
    directions: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class StoresText:
    """The list beside a map: its rows, how many there are, and how to see the others."""

    rows: tuple[StoreRow, ...] = ()
    count: str = ""
    hint: str = ""


NO_STORE: Final = StoreRow(
    0, "", "", "", "", "", "", "", "neutral", "", "", "neutral", "", "", "", 0, 0
)
NO_STORES: Final = StoresText()


def store_row(near: NearStore, opening: Opening, locale: str) -> StoreRow:
    """Write a store for a reader."""
    store = near.store
    told, tone = opening_text(opening, locale)
    stock = stock_word(near.stock, locale) if near.stock is not None else None
    is_priced = near.price_minor is not None and near.currency is not None
    return StoreRow(
        id=store.store_id,
        key=store_key(store.store_id),
        href=f"/stores/{store.store_id}",
        name=store.name,
        supplier=store.supplier,
        address=address_line(store.street, store.postcode, store.city),
        distance=distance_text(near.metres, locale),
        opening=told,
        opening_tone=tone,
        hours="" if told else hours_line(store.opening_hours, locale),
        stock=stock.text if stock else "",
        stock_tone=stock.tone if stock else "neutral",
        price=formatting.money(near.price_minor or 0, near.currency or "", locale)
        if is_priced
        else "",
        price_note="in the store" if near.is_own_price else "",
        directions=directions_to(store),
        latitude=store.latitude or 0,
        longitude=store.longitude or 0,
    )


def stores_text(
    rows: tuple[StoreRow, ...], marks: Iterable[Mark], locale: str, *, is_all: bool
) -> StoresText:
    """Write the list: what a map shows in all is the sum of its marks."""
    if is_all:
        return StoresText(rows, counted_stores(len(rows), locale))
    shown = max(sum(mark.stores for mark in marks), len(rows) + 1)
    return StoresText(
        rows,
        f"{formatting.number(len(rows), locale)} of {counted_stores(shown, locale)}",
        "Zoom in to list the others.",
    )


def map_marks(marks: Iterable[Mark], locale: str) -> tuple[MapMark, ...]:
    """Write marks for a map: a store by its price where one was asked for, several by their number.

    Their names are what a screen reader says.
    """
    return tuple(_mark(mark, locale) for mark in marks)


def _mark(mark: Mark, locale: str) -> MapMark:
    price = (
        formatting.money(mark.price_minor, mark.currency, locale)
        if mark.price_minor is not None and mark.currency is not None
        else ""
    )
    if mark.store_id is not None:
        name = f"{mark.name}: {price}" if price else mark.name
        return MapMark(store_key(mark.store_id), mark.latitude, mark.longitude, name, price)
    name = counted_stores(mark.stores, locale)
    return MapMark(
        f"cluster-{mark.latitude:.6f},{mark.longitude:.6f}",
        mark.latitude,
        mark.longitude,
        f"{name}, from {price}" if price else name,
        formatting.number(mark.stores, locale),
        mark.stores,
    )


def mark_of(row: StoreRow) -> MapMark:
    """Return the mark of one store that has a place."""
    name = f"{row.name}: {row.price}" if row.price else row.name
    return MapMark(row.key, row.latitude, row.longitude, name, row.price)


def store_key(store_id: int) -> str:
    """Return the key of a store's mark and row."""
    return f"store-{store_id}"


def store_of_key(key: str) -> int | None:
    """Return the store that a key names, None where it names none."""
    number = key.removeprefix("store-")
    is_one = number != key and number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 - figures of an id
    return int(number) if is_one else None


def address_line(street: str, postcode: str, city: str) -> str:
    """Return an address in a line."""
    town = " ".join(filter(None, (postcode, city)))
    return ", ".join(filter(None, (street, town)))


def distance_text(metres: float, locale: str) -> str:
    """Return a distance: metres below one kilometre, tenths of kilometres below ten."""
    if round(metres, -1) < METRES_IN_KM:
        return f"{formatting.number(round(metres, -1), locale)}\u00a0m"
    kilometres = metres / METRES_IN_KM
    shown = round(kilometres, 1) if kilometres < FAR_KM else round(kilometres)
    return f"{formatting.number(shown, locale)}\u00a0km"


def directions_to(store: StoreCard) -> str:
    """Return the address of the way there on Google Maps, which asks for no key."""
    if store.latitude is None:
        return ""
    given = {"api": 1, "destination": f"{store.latitude},{store.longitude}"}
    return f"{_DIRECTIONS}{urlencode(given)}"
