"""Placing an order: the basket becomes an order in one transaction, once per request."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, delete, select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed
from app.models.accounts import Address, Permission
from app.models.catalogue import PricePoint, Product
from app.models.columns import stored
from app.models.ordering import (
    BasketLine,
    Dispatch,
    Order,
    OrderLine,
    OrderPlaced,
    SendConfirmation,
)
from app.services.ordering.addresses import checked, keep_address, own_address
from app.services.ordering.baskets import lock_basket
from app.services.ordering.moves import hand_to_mail, note_on_timeline
from app.services.ordering.wording import one_line, several_lines
from app.views.ordering import AddressForm, PlacedOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.accounts import Viewer
    from app.work import Work

CONTACT_LIMIT = 200
REFERENCE_LIMIT = 80
NOTE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class _Item:
    """A basket line with what holds for its product at this moment."""

    line: BasketLine
    product: Product
    price_point_id: int


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
    earlier = work.session.scalar(
        select(Order).where(
            col(Order.buyer_id) == buyer.person_id, col(Order.request_key) == request_key
        )
    )
    if earlier is not None:
        return _placed(earlier, replayed=True)
    items = _orderable_items(work, buyer.person_id)
    order = Order(
        buyer_id=buyer.person_id,
        request_key=request_key,
        ship_to=_destination(work, buyer.person_id, ship_to),
        contact=contact,
        reference=reference,
        note=note,
    )
    work.session.add(order)
    work.session.flush()
    _add_dispatches(work, order, items)
    work.enqueue(SendConfirmation(order_id=stored(order.id)))
    _say_placed(work, order, items, buyer)
    work.session.execute(delete(BasketLine).where(col(BasketLine.person_id) == buyer.person_id))
    work.touch(f"basket:{buyer.person_id}")
    return _placed(order, replayed=False)


def _placed(order: Order, *, replayed: bool) -> PlacedOrder:
    return PlacedOrder(number=order.number or 0, state=order.state, replayed=replayed)


def _orderable_items(work: Work, person_id: UUID) -> list[_Item]:
    """Return the basket by supplier, every line fit to be ordered."""
    newest = (
        select(col(PricePoint.id), col(PricePoint.price_minor), col(PricePoint.currency))
        .where(col(PricePoint.product_id) == col(Product.id))
        .order_by(col(PricePoint.since).desc(), col(PricePoint.id).desc())
        .limit(1)
        .lateral("newest")
    )
    rows: Sequence[Any] = work.session.execute(
        select(BasketLine, Product, newest.c.id)
        .join(Product, col(Product.id) == col(BasketLine.product_id))
        .join(
            newest,
            and_(
                newest.c.price_minor == col(Product.price_minor),
                newest.c.currency == col(Product.currency),
            ),
            isouter=True,
        )
        .where(col(BasketLine.person_id) == person_id)
        .order_by(col(Product.supplier_id), col(BasketLine.added_at), col(Product.id))
    ).all()
    if not rows:
        raise BadInput("The basket is empty.")
    for line, product, price_point_id in rows:
        _check(line, product, price_point_id)
    return [
        _Item(line=line, product=product, price_point_id=point) for line, product, point in rows
    ]


def _check(line: BasketLine, product: Product, price_point_id: int | None) -> None:
    if product.withdrawn_at is not None:
        raise Conflict(f"{product.name} is not offered any more; remove it from the basket.")
    taken_at = (line.accepted_price_minor, line.accepted_currency)
    if taken_at != (product.price_minor, product.currency):
        raise Conflict(f"The price of {product.name} has changed; accept the new one first.")
    if price_point_id is None:
        raise Conflict(f"The price of {product.name} is not proven; try again after the next sync.")


def _destination(work: Work, person_id: UUID, ship_to: AddressForm | UUID) -> dict[str, str]:
    """Return the copy of the address that the order keeps."""
    if isinstance(ship_to, AddressForm):
        address = keep_address(work, person_id=person_id, form=checked(ship_to))
    else:
        address = own_address(work, person_id=person_id, address_id=ship_to)
        keep_address(work, person_id=person_id, form=_form_of(address))
    form = _form_of(address)
    return {
        "recipient": form.recipient,
        "street": form.street,
        "postcode": form.postcode,
        "city": form.city,
        "country": form.country,
    }


def _form_of(address: Address) -> AddressForm:
    return AddressForm(
        recipient=address.recipient,
        street=address.street,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
    )


def _add_dispatches(work: Work, order: Order, items: list[_Item]) -> None:
    """Write one dispatch per supplier, its lines, and the job that mails it."""
    parts = [
        (Dispatch(order_id=stored(order.id), supplier_id=supplier_id), list(group))
        for supplier_id, group in groupby(items, key=lambda item: item.product.supplier_id)
    ]
    work.session.add_all(dispatch for dispatch, _ in parts)
    work.session.flush()
    for dispatch, group in parts:
        work.session.add_all(_line(order, dispatch, item) for item in group)
        hand_to_mail(work, dispatch=dispatch)


def _line(order: Order, dispatch: Dispatch, item: _Item) -> OrderLine:
    return OrderLine(
        order_id=stored(order.id),
        dispatch_id=stored(dispatch.id),
        product_id=stored(item.product.id),
        price_point_id=item.price_point_id,
        name=item.product.name,
        external_id=item.product.external_id,
        sku=item.product.sku,
        quantity=item.line.quantity,
        price_minor=item.product.price_minor,
        currency=item.product.currency,
    )


def _say_placed(work: Work, order: Order, items: list[_Item], buyer: Viewer) -> None:
    suppliers = len({item.product.supplier_id for item in items})
    products = f"{len(items)} product{'s' if len(items) > 1 else ''}"
    note_on_timeline(
        work,
        order=order,
        kind="order.placed",
        title=f"Order placed by {buyer.name}",
        detail=f"{products} from {suppliers} supplier{'s' if suppliers > 1 else ''}",
    )
    work.publish(OrderPlaced(aggregate_id=str(order.id)))
