"""The two mails of an order: the purchase order to a supplier, the confirmation to the buyer.

Both are written in the one layout of all mails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from email.utils import quote
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select
from sqlmodel import col

from app.config import settings
from app.models.accounts import Person
from app.models.columns import stored
from app.models.feeds import Supplier
from app.models.ordering import Dispatch, Order, OrderLine
from app.services.correspondence import Draft, Fact, Group, Letter, Line, written
from app.services.ordering.addresses import country_name
from app.services.ordering.pickup import pickup_view
from app.services.ordering.wording import one_line
from app.views.formatting import day, money, number
from app.views.pickup import NO_PICKUP, PickupView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.services.ordering.moves import Parts, SupplierPart
    from app.work import Work

NAME_LIMIT = 120
# Suppliers are written to in one language; what a buyer reads follows the buyer.
SUPPLIER_LOCALE = "en"


# Statements are written once: building one takes longer than running it.
_LINES = (
    select(OrderLine)
    .where(col(OrderLine.order_id) == func.any(bindparam("order_ids", type_=ARRAY(Uuid))))
    .order_by(col(OrderLine.id))
)

Lines = Mapping[UUID, list[OrderLine]]


def lines_of(work: Work, *, order_ids: Sequence[UUID]) -> Lines:
    """Return the lines of several orders by dispatch, in the sequence they were ordered in."""
    found: dict[UUID, list[OrderLine]] = defaultdict(list)
    for line in work.session.scalars(_LINES, {"order_ids": order_ids}):
        found[line.dispatch_id].append(line)
    return found


def draft_purchase_order(
    *, order: Order, buyer: Person, dispatch: Dispatch, supplier: Supplier, lines: Lines
) -> Draft:
    """Write the mail that carries out one dispatch; its Reply-To is the buyer."""
    ordered = lines[stored(dispatch.id)]
    group = _group("Ordered products", ordered, SUPPLIER_LOCALE)
    pickup = pickup_view(dispatch.pickup, SUPPLIER_LOCALE)
    subject = f"Purchase order {order.number} from {_name(buyer)}"
    letter = Letter(
        subject=subject,
        preview=f"{_counted(ordered)}, {' + '.join(group.subtotals)}",
        kind=f"From {_name(buyer)}",
        title=f"Purchase order {order.number}",
        intro=f"To {supplier.name}: {_asked_for(pickup)}",
        warning=_twice_warning(order, dispatch),
        facts=_facts(order, buyer, SUPPLIER_LOCALE, _to_store(pickup) or _to_address(order)),
        note=order.note,
        groups=(group,),
        closing=f"Answer this mail to reach {_name(buyer)}, who ordered.",
        footer=f"Sent for {_name(buyer)} by AnythingYouWantt. "
        f"Name purchase order {order.number} on the delivery note and the invoice.",
    )
    return written(letter, recipient=supplier.order_email, reply_to=reply_address(buyer))


def draft_confirmation(*, order: Order, buyer: Person, parts: Parts, lines: Lines) -> Draft:
    """Write the mail that tells the buyer what was ordered where."""
    by_name = sorted(parts, key=lambda part: part[1].name)
    ordered = [(by.name, lines[stored(part.id)]) for part, by in by_name]
    everything = [line for _, of_one in ordered for line in of_one]
    letter = Letter(
        subject=f"Order {order.number} placed",
        preview=f"Total {' + '.join(_subtotals(everything, buyer.locale))}",
        kind="Order confirmation",
        title=f"Order {order.number} is placed",
        intro="Thank you. Each supplier gets a purchase order by mail; "
        "the page of the order shows every step as it happens.",
        facts=_facts(order, buyer, buyer.locale, *_destinations(order, by_name, buyer.locale)),
        note=order.note,
        groups=tuple(_group(name, of_one, buyer.locale) for name, of_one in ordered),
        link=f"{settings().public_url}/orders/{order.number}",
        link_text=f"Open order {order.number}",
        footer="You get this mail because you placed the order on AnythingYouWantt.",
    )
    return written(letter, recipient=buyer.email, reply_to="")


def _counted(lines: Sequence[OrderLine]) -> str:
    return "1 product" if len(lines) == 1 else f"{len(lines)} products"


def _twice_warning(order: Order, dispatch: Dispatch) -> str:
    """Ask a supplier who may have this order from an earlier round not to deliver it twice."""
    if dispatch.round == 1:
        return ""
    return (
        f"This purchase order is sent again. If you already have number {order.number}, "
        "do not supply it a second time."
    )


def _asked_for(pickup: PickupView) -> str:
    if pickup == NO_PICKUP:
        return "please deliver the following to the address below."
    return f"please have the following ready for pickup at store {_store(pickup)}."


def _store(pickup: PickupView) -> str:
    """Return a store as its supplier knows it, whose stores may well share a name."""
    return f"{pickup.name} (id {pickup.number})"


def _to_store(pickup: PickupView) -> Fact | None:
    if pickup == NO_PICKUP:
        return None
    return Fact("Pickup at store", (_store(pickup), *pickup.address))


def _to_address(order: Order, locale: str = SUPPLIER_LOCALE, label: str = "Ship to") -> Fact:
    place = order.ship_to
    if place is None:
        return Fact(label, ())
    town = " ".join(part for part in (place["postcode"], place["city"]) if part)
    country = country_name(place["country"], locale)
    return Fact(label, (place["recipient"], place["street"], town, country))


def _destinations(order: Order, parts: Sequence[SupplierPart], locale: str) -> Iterator[Fact]:
    """Yield where the parts of an order go: to the address, and to stores."""
    stores = [
        (supplier, pickup_view(dispatch.pickup, locale))
        for dispatch, supplier in parts
        if dispatch.pickup
    ]
    yield _to_address(order, locale, "Ship the rest to" if stores else "Ship to")
    for supplier, pickup in stores:
        lines = (pickup.name, *pickup.address, pickup.hours)
        yield Fact(f"Pick up from {supplier.name}", lines)


def _facts(order: Order, buyer: Person, locale: str, *destinations: Fact) -> tuple[Fact, ...]:
    facts = (
        Fact("Ordered", (day(order.placed_at, locale),)),
        Fact("Ordered by", (_name(buyer), buyer.email)),
        *destinations,
        Fact("Ask for", (order.contact,)),
        Fact("Reference", (order.reference,)),
    )
    return tuple(fact for fact in facts if any(fact.lines))


def _group(title: str, lines: list[OrderLine], locale: str) -> Group:
    return Group(
        title=title,
        lines=tuple(
            Line(
                name=line.name,
                codes=_codes(line),
                quantity=number(line.quantity, locale),
                price=money(line.price_minor, line.currency, locale),
                total=money(line.quantity * line.price_minor, line.currency, locale),
            )
            for line in lines
        ),
        subtotals=_subtotals(lines, locale),
    )


def _codes(line: OrderLine) -> str:
    """Return how the supplier knows the product."""
    if line.sku and line.sku != line.external_id:
        return f"SKU {line.sku} · id {line.external_id}"
    return f"SKU {line.sku}" if line.sku else f"id {line.external_id}"


def _subtotals(lines: Iterable[OrderLine], locale: str) -> tuple[str, ...]:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.currency] += line.quantity * line.price_minor
    return tuple(money(minor, currency, locale) for currency, minor in sorted(sums.items()))


def _name(person: Person) -> str:
    return one_line(person.name, field="name", limit=10_000)[:NAME_LIMIT] or person.email


def reply_address(person: Person) -> str:
    """Return `name <address>`, the name quoted so that nothing in it reads as an address."""
    return f'"{quote(_name(person))}" <{person.email}>'
