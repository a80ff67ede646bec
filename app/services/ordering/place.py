"""Placing an order: the basket becomes an order in one transaction, once per request."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, insert, select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed
from app.flag_cache import is_on
from app.flags import ORDER_CONFIRMATION
from app.models.accounts import Permission
from app.models.catalogue import PricePoint, Product
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
from app.services.ordering.moves import note_on_timeline
from app.services.ordering.wording import one_line, several_lines
from app.views.ordering import AddressForm, PlacedOrder

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

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
_NEWEST = (
    select(col(PricePoint.id), col(PricePoint.price_minor), col(PricePoint.currency))
    .where(col(PricePoint.product_id) == col(Product.id))
    .order_by(col(PricePoint.since).desc(), col(PricePoint.id).desc())
    .limit(1)
    .lateral("newest")
)
_ITEMS: Select[*tuple[Any, ...]] = (
    select(
        col(BasketLine.quantity),
        col(BasketLine.accepted_price_minor),
        col(BasketLine.accepted_currency),
        col(Product.id),
        col(Product.supplier_id),
        col(Product.name),
        col(Product.external_id),
        col(Product.sku),
        col(Product.price_minor),
        col(Product.currency),
        col(Product.withdrawn_at),
        _NEWEST.c.id,
    )
    .join(Product, col(Product.id) == col(BasketLine.product_id))
    .join(
        _NEWEST,
        and_(
            _NEWEST.c.price_minor == col(Product.price_minor),
            _NEWEST.c.currency == col(Product.currency),
        ),
        isouter=True,
    )
    .where(col(BasketLine.person_id) == bindparam("buyer"))
    .order_by(col(Product.supplier_id), col(BasketLine.added_at), col(Product.id))
)


@dataclass(frozen=True, slots=True)
class _Item:
    """A basket line with what holds for its product at this moment."""

    quantity: int
    accepted_price_minor: int
    accepted_currency: str
    product_id: int
    supplier_id: int
    name: str
    external_id: str
    sku: str | None
    price_minor: int
    currency: str
    withdrawn_at: datetime | None
    price_point_id: int | None


def place_order(
    work: Work,
    *,
    buyer: Viewer,
    request_key: UUID,
    ship_to: AddressForm | UUID,
    contact: str = "",
    reference: str = "",
    note: str = "",
) -> PlacedOrder:
    """Order what is in the buyer's basket and empty it.

    `ship_to` is a new address, which is saved, or the id of a saved one. The same `request_key`
    of the same buyer always leads to the same order, however often and wherever at once it comes.
    Raises BadInput where a field or the basket has to be mended first, NotFound for an address
    that is not the buyer's, Conflict where a product was withdrawn or its price has changed.
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
    items = _orderable_items(connection, buyer.person_id)
    order = Order(
        id=new_id(),
        buyer_id=buyer.person_id,
        request_key=request_key,
        ship_to=asdict(_destination(work, buyer.person_id, ship_to)),
        contact=contact,
        reference=reference,
        note=note,
    )
    order.number = connection.execute(_ADD_ORDER, order.model_dump(exclude={"number"})).scalar()
    _add_dispatches(work, order, items, confirms=is_on(ORDER_CONFIRMATION, buyer))
    _say_placed(work, order, items, buyer)
    connection.execute(_EMPTY_BASKET, {"buyer": buyer.person_id})
    work.touch(f"basket:{buyer.person_id}")
    return PlacedOrder(number=stored(order.number), state=order.state, replayed=False)


def _orderable_items(connection: Connection, person_id: UUID) -> list[_Item]:
    """Return the basket by supplier, every line fit to be ordered."""
    items = [_Item(*row) for row in connection.execute(_ITEMS, {"buyer": person_id})]
    if not items:
        raise BadInput("The basket is empty.")
    for item in items:
        _check(item)
    return items


def _check(item: _Item) -> None:
    if item.withdrawn_at is not None:
        raise Conflict(f"{item.name} is not offered any more; remove it from the basket.")
    taken_at = (item.accepted_price_minor, item.accepted_currency)
    if taken_at != (item.price_minor, item.currency):
        raise Conflict(f"The price of {item.name} has changed; accept the new one first.")
    if item.price_point_id is None:
        raise Conflict(f"The price of {item.name} is not proven; try again after the next sync.")


def _destination(work: Work, person_id: UUID, ship_to: AddressForm | UUID) -> AddressForm:
    """Return the address the order keeps a copy of."""
    if isinstance(ship_to, UUID):
        return use_address(work, person_id=person_id, address_id=ship_to)
    form = checked(ship_to)
    keep_address(work, person_id=person_id, form=form)
    return form


def _add_dispatches(work: Work, order: Order, items: list[_Item], *, confirms: bool) -> None:
    """Write one dispatch per supplier, its lines, and the jobs that mail them.

    With `confirms` the buyer is mailed too.
    """
    dispatches: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for supplier_id, group in groupby(items, key=lambda item: item.supplier_id):
        dispatch_id = new_id()
        dispatches.append({"id": dispatch_id, "order_id": order.id, "supplier_id": supplier_id})
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


def _line(order: Order, dispatch_id: UUID, item: _Item) -> dict[str, Any]:
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


def _say_placed(work: Work, order: Order, items: list[_Item], buyer: Viewer) -> None:
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
