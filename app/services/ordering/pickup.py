"""Where a supplier's part of an order is picked up: stores to choose from, and the one chosen.

An order keeps a copy of the store as it was when it was placed, like that of the address.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select, text
from sqlmodel import col

from app.errors import BadInput
from app.models.catalogue import StoreStock
from app.services.ordering import statements
from app.services.ordering.addresses import country_name
from app.views.formatting import number
from app.views.pickup import NO_PICKUP, PickupChoice, PickupView
from app.views.store_hours_text import hours_line
from app.views.store_text import address_line, directions_to, distance_text, store_key
from app.views.stores import StoreCard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from app.services.ordering.items import Item
    from app.views.stores import Point
    from app.work import Work

# A store's facts by supplier, as a dispatch keeps them.
PickupPoints = dict[int, dict[str, Any]]

# So many stores are looked at for what they have, and so many of them are offered.
MOST_LOOKED_AT: Final = 300
MOST_OFFERED: Final = 40
LARGEST_ID: Final = 2**31 - 1
_NEAREST: Final = text(statements.PICKUP_NEAREST)
_BY_TOWN: Final = text(statements.PICKUP_BY_TOWN)
_STORES: Final = text(statements.PICKUP_STORES)
_CARD: Final = tuple(StoreCard.__dataclass_fields__)
_SHELVES: Final = select(
    col(StoreStock.store_id), col(StoreStock.product_id), col(StoreStock.stock)
).where(
    col(StoreStock.store_id) == func.any(bindparam("stores", type_=ARRAY(BigInteger))),
    col(StoreStock.product_id) == func.any(bindparam("products", type_=ARRAY(BigInteger))),
)


def field_of(supplier_id: int) -> str:
    """Return the name of the field that a supplier's store is chosen in."""
    return f"pickup-{supplier_id}"


def pickup_points(
    connection: Connection, *, stores: Mapping[int, int], items: Sequence[Item]
) -> PickupPoints:
    """Return a copy of each store, by supplier, for those suppliers that `items` are of.

    Raises BadInput, naming the supplier's field, where a store is not the supplier's or is not
    there any more, and where it does not have all of the supplier's items.
    """
    ordered: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        if item.supplier_id in stores:
            ordered[item.supplier_id].append(item)
    if not ordered:
        return {}
    wanted = [stores[supplier] for supplier in ordered if 0 < stores[supplier] <= LARGEST_ID]
    found = {row.store_id: row for row in connection.execute(_STORES, {"stores": wanted})}
    products = [item.product_id for of_one in ordered.values() for item in of_one]
    shelves = {
        (store_id, product_id): pieces
        for store_id, product_id, pieces in connection.execute(
            _SHELVES, {"stores": wanted, "products": products}
        )
    }
    points: PickupPoints = {}
    for supplier_id, of_one in ordered.items():
        store = found.get(stores[supplier_id])
        problem = _problem(store, supplier_id, of_one, shelves)
        if store is None or problem:
            raise BadInput(problem, field=field_of(supplier_id))
        points[supplier_id] = _copy(store)
    return points


def _problem(
    store: Row[Any] | None,
    supplier_id: int,
    items: Iterable[Item],
    shelves: Mapping[tuple[int, int], int],
) -> str:
    """Say what stands against picking `items` up there, "" where nothing does."""
    if store is None or store.supplier_id != supplier_id:
        return "This supplier has no such store; choose another one."
    if store.withdrawn_at is not None:
        return f"{store.name} is not there any more; choose another store."
    for item in items:
        pieces = shelves.get((store.store_id, item.product_id), 0)
        if pieces < item.quantity:
            has = f"only {number(pieces)} of" if pieces > 0 else "no"
            return (
                f"{store.name} has {has} {item.name}; choose another store, or have it delivered."
            )
    return ""


def _copy(store: Row[Any]) -> dict[str, Any]:
    """Return the fields of a `StoreCard`, and the number that its supplier knows it by."""
    card = {name: getattr(store, name) for name in _CARD}
    return {**card, "number": store.external_id}


def pickup_view(kept: Mapping[str, Any] | None, locale: str) -> PickupView:
    """Return what a dispatch keeps of a store as it is shown and mailed."""
    if kept is None:
        return NO_PICKUP
    card = StoreCard(**{name: kept[name] for name in _CARD})
    town = f"{card.postcode} {card.city}".strip()
    address = (card.street, town, country_name(card.country, locale))
    return PickupView(
        store_id=card.store_id,
        name=card.name,
        number=kept["number"],
        address=tuple(filter(None, address)),
        hours=hours_line(card.opening_hours, locale),
        directions=directions_to(card),
    )


def pickup_choices(
    work: Work, *, person_id: UUID, supplier_id: int, near: Point | None, locale: str = "en"
) -> tuple[PickupChoice, ...]:
    """Return stores of a supplier, at most 40, for what the person's basket holds of theirs.

    Those that have all of it come first, nearest to `near` first; without a place by town. Of a
    supplier with more than 300 stores the 300 first of them are looked at.
    """
    given: dict[str, Any] = {
        "person": person_id,
        "supplier": min(max(supplier_id, 0), LARGEST_ID),
        "looked_at": MOST_LOOKED_AT,
        "most": MOST_OFFERED,
    }
    if near is None:
        rows = work.session.execute(_BY_TOWN, given)
    else:
        place = {"latitude": near.latitude, "longitude": near.longitude}
        rows = work.session.execute(_NEAREST, {**given, **place})
    return tuple(_choice(row, locale) for row in rows)


def _choice(row: Row[Any], locale: str) -> PickupChoice:
    return PickupChoice(
        store_id=row.id,
        key=store_key(row.id),
        name=row.name,
        address=address_line(row.street, row.postcode, row.city),
        distance="" if row.metres is None else distance_text(row.metres, locale),
        lacks=_lacks(row.lacking, row.lacks),
        latitude=row.latitude,
        longitude=row.longitude,
    )


def _lacks(names: Sequence[str] | None, count: int) -> str:
    if not names:
        return ""
    rest = "" if count == 1 else f" and {number(count - 1)} more"
    return f"Not enough of {names[0]}{rest}"
