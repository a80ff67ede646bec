"""Placing an order: the basket becomes an order in one transaction, once per request."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select
from sqlmodel import col

from app.errors import BadInput, NotAllowed
from app.flag_cache import is_on
from app.flags import ORDER_CONFIRMATION
from app.models.accounts import Permission
from app.models.columns import new_id, stored
from app.models.ordering import (
    BasketLine,
    Dispatch,
    Order,
    OrderLine,
    OrderPlaced,
    SendConfirmation,
    SendDispatch,
)
from app.services.ordering.addresses import checked, keep_address, use_address
from app.services.ordering.baskets import lock_basket
from app.services.ordering.items import Item, orderable_items
from app.services.ordering.moves import note_on_timeline
from app.services.ordering.pickup import PickupPoints, pickup_points
from app.services.ordering.wording import one_line, several_lines
from app.views.ordering import AddressForm, PlacedOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.views.accounts import Viewer
    from app.work import Work

CONTACT_LIMIT = 200
REFERENCE_LIMIT = 80
NOTE_LIMIT = 2_000


# Statements are written once: building one takes longer than running it.
_ADD_ORDER = insert(Order).returning(col(Order.number))
_ADD_DISPATCHES = insert(Dispatch)
_ADD_LINES = insert(OrderLine)
_EARLIER = select(col(Order.number), col(Order.state)).where(
    col(Order.buyer_id) == bindparam("buyer"), col(Order.request_key) == bindparam("key")
)
_EMPTY_BASKET = delete(BasketLine).where(col(BasketLine.person_id) == bindparam("buyer"))


def place_order(
    work: Work,
    *,
    buyer: Viewer,
    request_key: UUID,
    ship_to: AddressForm | UUID,
    pickups: Mapping[int, int] | None = None,
    contact: str = "",
    reference: str = "",
    note: str = "",
) -> PlacedOrder:
    """Order what is in the buyer's basket and empty it.

    `ship_to` is a new address, which is saved, or the id of a saved one. `pickups` are the stores
    where the parts of suppliers are picked up, both by id; where all parts are, `ship_to` is not
    looked at. The same `request_key` of the same buyer always leads to the same order, however
    often and wherever at once it comes. Raises BadInput where a field, a store or the basket has
    to be mended first, NotFound for an address that is not the buyer's, Conflict where a product
    was withdrawn or its price has changed.
    """
    if not buyer.may(Permission.ORDER_PLACE):
        raise NotAllowed("Your account may not place orders.")
    contact = one_line(contact, field="contact", limit=CONTACT_LIMIT)
    reference = one_line(reference, field="reference", limit=REFERENCE_LIMIT)
    note = several_lines(note, field="note", limit=NOTE_LIMIT)
    lock_basket(work, person_id=buyer.person_id)
    wanted = {"buyer": buyer.person_id, "key": request_key}
    # Locking has written what the session held back; from here on nothing goes through the ORM.
    connection = work.session.connection()
    earlier = connection.execute(_EARLIER, wanted).first()
    if earlier is not None:
        return PlacedOrder(number=earlier.number, state=earlier.state, replayed=True)
    items = orderable_items(connection, buyer.person_id)
    points = pickup_points(connection, stores=pickups or {}, items=items)
    order = Order(
        id=new_id(),
        buyer_id=buyer.person_id,
        request_key=request_key,
        ship_to=None,
        contact=contact,
        reference=reference,
        note=note,
    )
    if any(item.supplier_id not in points for item in items):
        order.ship_to = asdict(_destination(work, buyer.person_id, ship_to))
    elif not contact:
        raise BadInput("Say whom the stores may ask for.", field="contact")
    order.number = connection.execute(_ADD_ORDER, order.model_dump(exclude={"number"})).scalar()
    _add_dispatches(work, order, items, points, confirms=is_on(ORDER_CONFIRMATION, buyer))
    _say_placed(work, order, items, buyer)
    connection.execute(_EMPTY_BASKET, {"buyer": buyer.person_id})
    work.touch(f"basket:{buyer.person_id}")
    return PlacedOrder(number=stored(order.number), state=order.state, replayed=False)


def _destination(work: Work, person_id: UUID, ship_to: AddressForm | UUID) -> AddressForm:
    """Return the address the order keeps a copy of."""
    if isinstance(ship_to, UUID):
        return use_address(work, person_id=person_id, address_id=ship_to)
    form = checked(ship_to)
    keep_address(work, person_id=person_id, form=form)
    return form


def _add_dispatches(
    work: Work, order: Order, items: list[Item], points: PickupPoints, *, confirms: bool
) -> None:
    """Write one dispatch per supplier, its lines, and the jobs that mail them.

    With `confirms` the buyer is mailed too.
    """
    dispatches: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for supplier_id, group in groupby(items, key=lambda item: item.supplier_id):
        dispatch_id = new_id()
        part = {"id": dispatch_id, "order_id": order.id, "supplier_id": supplier_id}
        dispatches.append({**part, "pickup": points.get(supplier_id)})
        lines += [_line(order, dispatch_id, item) for item in group]
    job_ids = work.enqueue_all(
        [
            *(SendDispatch(dispatch_id=dispatch["id"], round=1) for dispatch in dispatches),
            *([SendConfirmation(order_id=stored(order.id))] if confirms else []),
        ]
    )
    for dispatch, job_id in zip(dispatches, job_ids, strict=False):
        dispatch["job_id"] = job_id
    connection = work.session.connection()
    connection.execute(_ADD_DISPATCHES, dispatches)
    connection.execute(_ADD_LINES, lines)


def _line(order: Order, dispatch_id: UUID, item: Item) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "dispatch_id": dispatch_id,
        "product_id": item.product_id,
        "price_point_id": item.price_point_id,
        "name": item.name,
        "external_id": item.external_id,
        "sku": item.sku,
        "quantity": item.quantity,
        "price_minor": item.price_minor,
        "currency": item.currency,
    }


def _say_placed(work: Work, order: Order, items: list[Item], buyer: Viewer) -> None:
    suppliers = len({item.supplier_id for item in items})
    products = f"{len(items)} product{'s' if len(items) > 1 else ''}"
    note_on_timeline(
        work,
        order=order,
        kind="order.placed",
        title=f"Order placed by {buyer.name}",
        detail=f"{products} from {suppliers} supplier{'s' if suppliers > 1 else ''}",
    )
    work.publish(OrderPlaced(aggregate_id=str(order.id)))
