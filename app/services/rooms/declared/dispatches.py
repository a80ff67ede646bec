"""The room of dispatches: each supplier's part of an order, and whether it got through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import cast, select
from sqlalchemy.types import Text
from sqlmodel import col

from app.models.accounts import Permission
from app.models.feeds import Supplier
from app.models.ordering import Dispatch, DispatchState, Order
from app.services.ordering import confirm_receipt
from app.services.rooms.cells import badge
from app.services.rooms.declared.orders import suppliers
from app.services.rooms.filters import counted, named, one_of, since
from app.services.rooms.room import Action, Call, Column, Group, Room, Table
from app.views.looks import DISPATCH_LOOKS
from app.views.room_query import detail_address
from app.views.rooms import CellView, EmptyView

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work


def _supplier(row: Any, _viewer: Viewer) -> CellView:  # noqa: ANN401 - a row of the select below
    return CellView(row.supplier, second=row.problem or row.order_email or "")


def _goes_to(row: Any, _viewer: Viewer) -> CellView:  # noqa: ANN401 - as above
    if row.pickup is None:
        return CellView("Delivered")
    return CellView("Picked up", second=row.pickup["name"])


def _job(row: Any, _viewer: Viewer) -> CellView:  # noqa: ANN401 - as above
    if row.job_id is None:
        return CellView("none")
    return CellView("job", href=detail_address("jobs", str(row.job_id)))


def _confirm(work: Work, call: Call) -> None:
    number = work.session.scalar(
        select(col(Order.number))
        .join(Dispatch, col(Dispatch.order_id) == col(Order.id))
        .where(col(Dispatch.id) == UUID(call.key))
    )
    confirm_receipt(work, operator=call.viewer, number=number or 0, dispatch_id=UUID(call.key))


DISPATCHES: Final = Room(
    key="dispatches",
    title="Dispatches",
    group=Group.ORDERS,
    icon="send",
    lead="Each supplier's part of an order, and how its purchase order fared.",
    permission=Permission.ORDER_READ_ALL,
    source=Table(
        select(
            col(Dispatch.id),
            col(Dispatch.state),
            col(Dispatch.round),
            col(Dispatch.problem),
            col(Dispatch.job_id),
            col(Dispatch.pickup),
            col(Dispatch.changed_at),
            col(Order.number),
            named(col(Supplier.name), "supplier"),
            col(Supplier.order_email),
        )
        .join(Order, col(Order.id) == col(Dispatch.order_id))
        .join(Supplier, col(Supplier.id) == col(Dispatch.supplier_id)),
        key=col(Dispatch.id),
    ),
    name=lambda row: f"{row.supplier}, order {row.number}",
    columns=(
        Column("supplier", "Supplier", _supplier),
        Column("state", "State", lambda row, _: badge(row.state, DISPATCH_LOOKS)),
        Column(
            "order",
            "Order",
            lambda row, _: CellView(str(row.number), href=f"/orders/{row.number}"),
            wide_only=True,
        ),
        Column("way", "Delivered or picked up", _goes_to, wide_only=True),
        Column("round", "Round", lambda row, _: str(row.round), figures=True, wide_only=True),
        Column("job", "Job", _job, wide_only=True, hidden=True),
        Column(
            "changed",
            "Changed",
            lambda row, _: CellView(at=row.changed_at),
            sort=col(Dispatch.changed_at),
            figures=True,
        ),
    ),
    sort="-changed",
    filters=(
        one_of("state", "State", col(Dispatch.state), DispatchState),
        one_of("supplier", "Supplier", cast(col(Dispatch.supplier_id), Text), suppliers),
        since("when", "Changed", col(Dispatch.changed_at)),
    ),
    search=lambda words: col(Dispatch.problem).icontains(words, autoescape=True),
    search_hint="What went wrong",
    actions=(
        Action(
            key="confirm",
            title="The supplier has it",
            icon="check",
            permission=Permission.ORDER_RETRY,
            says=lambda n: (
                f"{counted(n, 'purchase order')} will count as sent, because you asked the "
                "supplier and the mail had arrived."
            ),
            did=lambda n: f"{counted(n, 'purchase order')} noted as sent.",
            carry_out=_confirm,
            applies=lambda row: row.state is DispatchState.UNSURE,
        ),
    ),
    href=lambda row: f"/orders/{row.number}",
    empty=EmptyView(
        "send",
        "Nothing was dispatched yet",
        "Every order has one dispatch per supplier.",
        "/admin/orders",
        "All orders",
    ),
    words="purchase orders suppliers mails sent bounced",
    topics=("orders:all",),
)
