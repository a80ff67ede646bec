"""The room of orders: everybody's, for those who see to it that they are carried out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import distinct, func, or_, select
from sqlmodel import col

from app.models.accounts import Permission, Person
from app.models.feeds import Supplier
from app.models.ordering import Dispatch, Order, OrderLine, OrderState
from app.services.ordering import abandon_order, retry_order
from app.services.ordering.owned import LARGEST_NUMBER
from app.services.rooms.cells import badge
from app.services.rooms.filters import counted, named, one_of, since
from app.services.rooms.room import Action, Call, Column, Group, Room, Table
from app.views.formatting import money
from app.views.looks import ORDER_LOOKS
from app.views.rooms import CellView, ChoiceView, EmptyView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work


# The store where a part is picked up, by name.
_STORE: Final = col(Dispatch.pickup)["name"].as_string()


@dataclass(frozen=True, slots=True)
class _Row:
    """An order with its lines counted and what they cost, by currency in minor units."""

    order: Any
    lines: int
    totals: tuple[tuple[str, int], ...]
    suppliers: str
    pickups: str


def _with_lines(work: Work, _viewer: Viewer, rows: Sequence[Any]) -> Sequence[_Row]:
    """Read what the orders of a page consist of with one more statement."""
    costs = func.sum(col(OrderLine.quantity) * col(OrderLine.price_minor))
    parts = work.session.execute(
        select(
            col(OrderLine.order_id),
            col(OrderLine.currency),
            func.count(),
            costs,
            func.array_agg(distinct(col(Supplier.name))),
            func.array_agg(distinct(_STORE)).filter(_STORE.is_not(None)),
        )
        .join(Dispatch, col(Dispatch.id) == col(OrderLine.dispatch_id))
        .join(Supplier, col(Supplier.id) == col(Dispatch.supplier_id))
        .where(col(OrderLine.order_id).in_([row.id for row in rows]))
        .group_by(col(OrderLine.order_id), col(OrderLine.currency))
        .order_by(col(OrderLine.currency))
    ).all()
    found: dict[Any, list[Any]] = defaultdict(list)
    for order_id, *part in parts:
        found[order_id].append(part)
    return [
        _Row(
            order=row,
            lines=sum(part[1] for part in found[row.id]),
            totals=tuple((part[0], int(part[2])) for part in found[row.id]),
            suppliers=_names(part[3] for part in found[row.id]),
            pickups=_names(part[4] or () for part in found[row.id]),
        )
        for row in rows
    ]


def _names(parts: Iterable[Iterable[str]]) -> str:
    return ", ".join(sorted({name for part in parts for name in part}))


def _suppliers(row: _Row, _viewer: Viewer) -> CellView:
    return CellView(row.suppliers, second=f"Picked up at {row.pickups}" if row.pickups else "")


def _total(row: _Row, viewer: Viewer) -> str:
    return " + ".join(money(minor, currency, viewer.locale) for currency, minor in row.totals)


def _search(words: str) -> ColumnElement[bool]:
    number = words.removeprefix("#")
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_NUMBER:
        return col(Order.number) == int(number)
    return or_(
        col(Order.reference).icontains(words, autoescape=True),
        col(Person.name).icontains(words, autoescape=True),
    )


def _retry(work: Work, call: Call) -> None:
    retry_order(work, operator=call.viewer, number=int(call.key))


def _abandon(work: Work, call: Call) -> None:
    abandon_order(work, operator=call.viewer, number=int(call.key), reason=call.reason)


def _has_failed(row: _Row) -> bool:
    return row.order.state is OrderState.FAILED


def suppliers(work: Work) -> Sequence[ChoiceView]:
    """Return every supplier by name."""
    found = work.session.execute(
        select(col(Supplier.id), col(Supplier.name)).order_by(col(Supplier.name))
    )
    return [ChoiceView(str(number), name) for number, name in found]


ORDERS: Final = Room(
    key="orders",
    title="All orders",
    group=Group.ORDERS,
    icon="package",
    lead="Everybody's orders; each opens on its own page.",
    permission=Permission.ORDER_READ_ALL,
    source=Table(
        select(
            col(Order.id),
            col(Order.number),
            col(Order.state),
            col(Order.reference),
            col(Order.placed_at),
            col(Order.changed_at),
            named(col(Person.name), "buyer"),
        ).join(Person, col(Person.id) == col(Order.buyer_id)),
        key=col(Order.number),
        enrich=_with_lines,
    ),
    name=lambda row: f"order {row.order.number}",
    columns=(
        Column(
            "number",
            "Order",
            lambda row, _: CellView(
                str(row.order.number), second=row.order.reference or "no reference"
            ),
            sort=col(Order.number),
        ),
        Column("state", "State", lambda row, _: badge(row.order.state, ORDER_LOOKS)),
        Column("buyer", "Buyer", lambda row, _: row.order.buyer, wide_only=True),
        Column("suppliers", "Suppliers", _suppliers, wide_only=True),
        Column(
            "lines",
            "Lines",
            lambda row, _: str(row.lines),
            figures=True,
            wide_only=True,
            hidden=True,
        ),
        Column("total", "Total", _total, figures=True),
        Column(
            "placed",
            "Placed",
            lambda row, _: CellView(at=row.order.placed_at),
            figures=True,
            wide_only=True,
        ),
        Column(
            "changed",
            "Changed",
            lambda row, _: CellView(at=row.order.changed_at),
            sort=col(Order.changed_at),
            figures=True,
            wide_only=True,
        ),
    ),
    sort="-number",
    filters=(
        one_of("state", "State", col(Order.state), OrderState),
        since("when", "Placed", col(Order.placed_at)),
    ),
    search=_search,
    search_hint="Number, reference, buyer",
    actions=(
        Action(
            key="retry",
            title="Send again",
            icon="rotate-cw",
            permission=Permission.ORDER_RETRY,
            says=lambda n: (
                f"What failed of {counted(n, 'order')} will be mailed to its suppliers once more."
            ),
            did=lambda n: f"{counted(n, 'order')} sent again.",
            carry_out=_retry,
            applies=_has_failed,
        ),
        Action(
            key="abandon",
            title="Abandon",
            icon="ban",
            permission=Permission.ORDER_RETRY,
            says=lambda n: (
                f"{counted(n, 'order')} will be given up for good, and its buyer reads why. "
                "What a supplier already has stays with them."
            ),
            did=lambda n: f"{counted(n, 'order')} abandoned.",
            carry_out=_abandon,
            applies=_has_failed,
            needs_reason=True,
            danger=True,
        ),
    ),
    href=lambda row: f"/orders/{row.order.number}",
    empty=EmptyView(
        "package",
        "Nobody has ordered yet",
        "Orders stand here as soon as somebody places one.",
        "/",
        "Search the catalogue",
    ),
    words="everybody's orders buyers",
    topics=("orders:all",),
)
