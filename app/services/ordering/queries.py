"""What pages show of orders."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlmodel import col

from app.errors import BadInput, NotFound
from app.models.accounts import Permission, Person
from app.models.columns import stored
from app.models.feeds import Supplier
from app.models.operations import Job, JobState
from app.models.ordering import (
    Dispatch,
    DispatchState,
    Mail,
    Order,
    OrderLine,
    OrderState,
    TimelineEntry,
)
from app.services.ordering.addresses import country_name
from app.services.ordering.owned import LARGEST_NUMBER, visible_to
from app.services.ordering.pickup import pickup_view
from app.views.formatting import money
from app.views.ordering import (
    NO_ADDRESS,
    AddressView,
    DispatchView,
    MailHead,
    MailView,
    OrderLineView,
    OrderRow,
    OrdersPage,
    OrderView,
    StateCount,
    TimelineView,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.views.accounts import Viewer
    from app.work import Work

PAGE_SIZE = 50

_NEXT_STEPS: dict[OrderState, str] = {
    OrderState.PENDING: "The suppliers are about to be mailed; until then it can be cancelled.",
    OrderState.PROCESSING: "The purchase orders are on their way to the suppliers.",
    OrderState.COMPLETED: "Nothing is left to do: every supplier has what it needs.",
    OrderState.FAILED: "A purchase order did not get through; an operator has to look at it.",
    OrderState.ABANDONED: "An operator gave this order up; nothing more will happen.",
    OrderState.CANCELLED: "This order was cancelled; no supplier was mailed.",
}
_WAITS_FOR_SUPPLIER = frozenset({DispatchState.SENT, DispatchState.DELIVERED})

# The parts of an order are read with every change of its open pages: written once, and columns in
# place of objects where there are many rows.
_ITS = bindparam("order_id", type_=Uuid())
_LINES = select(OrderLine).where(col(OrderLine.order_id) == _ITS).order_by(col(OrderLine.id))
_DISPATCHES = (
    select(Dispatch, Supplier, Job)
    .join(Supplier, col(Supplier.id) == col(Dispatch.supplier_id))
    .outerjoin(Job, col(Job.id) == col(Dispatch.job_id))
    .where(col(Dispatch.order_id) == _ITS)
    .order_by(col(Supplier.name))
)
_TIMELINE = (
    select(
        col(TimelineEntry.id),
        col(TimelineEntry.kind),
        col(TimelineEntry.title),
        col(TimelineEntry.detail),
        col(TimelineEntry.tone),
        col(TimelineEntry.created_at),
    )
    .where(col(TimelineEntry.order_id) == _ITS)
    .order_by(col(TimelineEntry.id))
)
_MAILS = (
    select(
        col(Mail.id),
        col(Mail.dispatch_id),
        col(Mail.recipient),
        col(Mail.subject),
        col(Mail.state),
        col(Mail.problem),
        col(Mail.created_at),
    )
    .where(col(Mail.order_id) == _ITS)
    .order_by(col(Mail.created_at))
)


def order(work: Work, *, viewer: Viewer, number: int) -> OrderView:
    """Return one order with its dispatches, timeline and mails.

    Raises NotFound where there is none, or where it is somebody else's and the viewer is no
    operator.
    """
    found = (
        work.session.execute(
            select(Order, Person)
            .join(Person, col(Person.id) == col(Order.buyer_id))
            .where(col(Order.number) == number, *visible_to(viewer))
        ).first()
        if 0 < number <= LARGEST_NUMBER
        else None
    )
    if found is None:
        raise NotFound(f"There is no order {number}.")
    row, buyer = found
    order_id, locale = stored(row.id), viewer.locale
    lines = _lines_of(work, order_id)
    dispatches = _dispatches_of(work, order_id, lines, locale)
    is_own = row.buyer_id == viewer.person_id
    return OrderView(
        number=number,
        state=row.state,
        next_step=_next_step(row.state, dispatches),
        buyer=buyer.name,
        buyer_email=buyer.email,
        is_own=is_own,
        placed_at=row.placed_at,
        changed_at=row.changed_at,
        ship_to=_ship_to(row.ship_to, locale) if row.ship_to else NO_ADDRESS,
        contact=row.contact,
        reference=row.reference,
        note=row.note,
        totals=_totals(lines, locale),
        dispatches=dispatches,
        timeline=_timeline_of(work, order_id),
        mails=_mails_of(work, order_id),
        can_cancel=is_own and row.state is OrderState.PENDING,
        can_retry=row.state is OrderState.FAILED and viewer.may(Permission.ORDER_RETRY),
    )


def _next_step(state: OrderState, dispatches: Sequence[DispatchView]) -> str:
    """Say in one sentence what happens next."""
    if state is OrderState.PROCESSING:
        again = next((part.trying_again for part in dispatches if part.trying_again), "")
        waiting = [part.supplier for part in dispatches if part.state in _WAITS_FOR_SUPPLIER]
        on_its_way = any(part.state in {"queued", "sending"} for part in dispatches)
        if again:
            return again
        if waiting and not on_its_way:
            return f"Waiting to hear from {', '.join(waiting)}."
    if state is OrderState.FAILED and any(part.state == "unsure" for part in dispatches):
        return "It is not known whether a supplier was mailed; an operator has to ask them."
    return _NEXT_STEPS[state]


def _ship_to(kept: dict[str, str], locale: str) -> AddressView:
    return AddressView(
        id="",
        recipient=kept["recipient"],
        street=kept["street"],
        postcode=kept["postcode"],
        city=kept["city"],
        country=kept["country"],
        country_name=country_name(kept["country"], locale),
    )


def _lines_of(work: Work, order_id: UUID) -> list[OrderLine]:
    return list(work.session.scalars(_LINES, {"order_id": order_id}))


def _totals(lines: Iterable[OrderLine], locale: str) -> tuple[str, ...]:
    """Return what the lines cost together, one amount per currency."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.currency] += line.quantity * line.price_minor
    return tuple(money(minor, currency, locale) for currency, minor in sorted(sums.items()))


def _dispatches_of(
    work: Work, order_id: UUID, lines: list[OrderLine], locale: str
) -> tuple[DispatchView, ...]:
    rows = work.session.execute(_DISPATCHES, {"order_id": order_id}).all()
    return tuple(
        _dispatch(
            part, supplier, job, [line for line in lines if line.dispatch_id == part.id], locale
        )
        for part, supplier, job in rows
    )


def _dispatch(
    part: Dispatch, supplier: Supplier, job: Job | None, lines: list[OrderLine], locale: str
) -> DispatchView:
    attempt = _attempt(job)
    trying_again = ""
    if job is not None and attempt > 1:
        trying_again = (
            f"The mail to {supplier.name} did not go out yet; trying again, "
            f"attempt {attempt} of {job.max_attempts}."
        )
    return DispatchView(
        id=str(part.id),
        supplier=supplier.name,
        recipient=supplier.order_email,
        state=part.state,
        completes_when=supplier.completion_policy,
        round=part.round,
        problem=part.problem or "",
        attempt=attempt,
        attempts=job.max_attempts if job is not None and attempt else 0,
        trying_again=trying_again,
        changed_at=part.changed_at,
        lines=tuple(_line(line, locale) for line in lines),
        subtotals=_totals(lines, locale),
        pickup=pickup_view(part.pickup, locale),
    )


def _attempt(job: Job | None) -> int:
    """Return which try is under way or next, 0 where the job has ended."""
    if job is None or job.state in {JobState.DONE, JobState.DEAD}:
        return 0
    return job.attempts if job.state is JobState.RUNNING else job.attempts + 1


def _line(line: OrderLine, locale: str) -> OrderLineView:
    return OrderLineView(
        product_id=line.product_id,
        price_point_id=line.price_point_id,
        name=line.name,
        sku=line.sku or "",
        external_id=line.external_id,
        quantity=line.quantity,
        price=money(line.price_minor, line.currency, locale),
        total=money(line.quantity * line.price_minor, line.currency, locale),
    )


def _timeline_of(work: Work, order_id: UUID) -> tuple[TimelineView, ...]:
    entries = work.session.connection().execute(_TIMELINE, {"order_id": order_id})
    return tuple(
        TimelineView(
            id=entry.id,
            kind=entry.kind,
            title=entry.title,
            detail=entry.detail,
            tone=entry.tone,
            at=entry.created_at,
        )
        for entry in entries
    )


def _mails_of(work: Work, order_id: UUID) -> tuple[MailHead, ...]:
    """Return the order's mails without their contents, which are read when one is opened."""
    rows = work.session.connection().execute(_MAILS, {"order_id": order_id}).all()
    return tuple(
        MailHead(
            id=str(mail_id),
            dispatch_id=str(dispatch_id) if dispatch_id else "",
            recipient=recipient,
            subject=subject,
            state=state,
            problem=problem or "",
            created_at=created_at,
        )
        for mail_id, dispatch_id, recipient, subject, state, problem, created_at in rows
    )


def mail(work: Work, *, viewer: Viewer, number: int, mail_id: UUID) -> MailView:
    """Return one mail of an order. Raises NotFound as `order` does, and for another's mail."""
    found = (
        work.session.scalar(
            select(Mail)
            .join(Order, col(Order.id) == col(Mail.order_id))
            .where(col(Mail.id) == mail_id, col(Order.number) == number, *visible_to(viewer))
        )
        if 0 < number <= LARGEST_NUMBER
        else None
    )
    if found is None:
        raise NotFound("There is no such mail.")
    return MailView(
        id=str(found.id),
        sender=found.sender,
        recipient=found.recipient,
        reply_to=found.reply_to,
        subject=found.subject,
        html=found.html,
        text=found.text,
        state=found.state,
        problem=found.problem or "",
        created_at=found.created_at,
    )


def orders(
    work: Work,
    *,
    viewer: Viewer,
    state: str = "",
    before: int | None = None,
    only_own: bool = False,
) -> OrdersPage:
    """Return a page of the orders the viewer may see, newest first.

    `state` leaves only orders in that state; `before` is the `next_before` of the page above;
    `only_own` leaves an operator's own ones. Raises BadInput for a state there is not.
    """
    if state and state not in set(OrderState):
        raise BadInput(f"Orders have no state “{state[:40]}”.")
    visible = [col(Order.buyer_id) == viewer.person_id] if only_own else visible_to(viewer)
    counts = work.session.execute(
        select(col(Order.state), func.count()).where(*visible).group_by(col(Order.state))
    ).all()
    query = (
        select(Order, col(Person.name))
        .join(Person, col(Person.id) == col(Order.buyer_id))
        .where(*visible)
        .order_by(col(Order.number).desc())
        .limit(PAGE_SIZE + 1)
    )
    if state:
        query = query.where(col(Order.state) == OrderState(state))
    if before is not None:
        query = query.where(col(Order.number) < min(before, LARGEST_NUMBER))
    found = work.session.execute(query).all()
    page = [(row, buyer) for row, buyer in found[:PAGE_SIZE]]
    return OrdersPage(
        rows=_rows(work, page, viewer.locale),
        counts=tuple(StateCount(state=word, orders=number) for word, number in counts),
        next_before=stored(page[-1][0].number) if len(found) > PAGE_SIZE else None,
    )


def _rows(work: Work, page: list[tuple[Order, str]], locale: str) -> tuple[OrderRow, ...]:
    """Fill a page with two more queries, however many orders it has."""
    ids = [stored(row.id) for row, _ in page]
    lines: dict[UUID, list[OrderLine]] = defaultdict(list)
    for line in work.session.scalars(select(OrderLine).where(col(OrderLine.order_id).in_(ids))):
        lines[line.order_id].append(line)
    suppliers: dict[UUID, list[str]] = defaultdict(list)
    for order_id, name in work.session.execute(
        select(col(Dispatch.order_id), col(Supplier.name))
        .join(Supplier, col(Supplier.id) == col(Dispatch.supplier_id))
        .where(col(Dispatch.order_id).in_(ids))
        .order_by(col(Supplier.name))
    ):
        suppliers[order_id].append(name)
    return tuple(
        OrderRow(
            number=stored(row.number),
            state=row.state,
            buyer=buyer,
            suppliers=", ".join(suppliers[stored(row.id)]),
            lines=len(lines[stored(row.id)]),
            totals=" + ".join(_totals(lines[stored(row.id)], locale)),
            reference=row.reference,
            placed_at=row.placed_at,
            changed_at=row.changed_at,
        )
        for row, buyer in page
    )
