"""One order on its page: followed as it goes, cancelled by its buyer, retried by an operator."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, NotFound
from app.models.accounts import Permission
from app.services import ordering, snapshots
from app.views.ordering import NO_ADDRESS, MailView, OrderView
from app.views.snapshot_text import SnapshotRow
from state.base import in_reading, in_work, whole_number
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.snapshots import row_for
from state.together import look

_NEVER = datetime.fromtimestamp(0, UTC)
NO_ORDER = OrderView(
    number=0,
    state="",
    next_step="",
    buyer="",
    buyer_email="",
    is_own=True,
    placed_at=_NEVER,
    changed_at=_NEVER,
    ship_to=NO_ADDRESS,
    contact="",
    reference="",
    note="",
    totals=(),
    dispatches=(),
    timeline=(),
    mails=(),
    can_cancel=False,
    can_retry=False,
)
NO_MAIL = MailView(
    id="",
    sender="",
    recipient="",
    reply_to="",
    subject="",
    html="",
    text="",
    state="",
    problem="",
    created_at=_NEVER,
)


def order_number(word: str) -> int:
    """Return the number that the end of an order's address says, 0 where it says none."""
    return whole_number(word) or 0


class OrderPageState(rx.State):
    """What the page of one order shows; `phase` is loading, shown, missing or failed.

    `asked` is the end of the address that all of it is about. The browser's address is ahead of it
    for a moment after a step to another order.
    """

    asked: str = ""
    phase: str = "loading"
    problem: str = ""
    order: OrderView = NO_ORDER
    # The snapshots of everything next to its moment: the last one by then, the first one after.
    proofs: tuple[SnapshotRow, ...] = ()
    mail: MailView = NO_MAIL
    asks_to_cancel: bool = False
    shows_mail: bool = False
    is_busy: bool = False

    @rx.event(background=True)
    @requires(Permission.ORDER_READ_OWN)
    async def watch(self) -> None:
        """Show the order and follow it until the visitor leaves."""
        asked = self.router.url.path.rstrip("/").rpartition("/")[2]
        number = order_number(asked)
        async with self:
            if self.asked != asked:
                self.reset()
                self.asked = asked
        async with hub.watching(f"order:{number}") as changes:
            async for _ in changes:
                try:
                    person = signed_in()
                    order = await look(ordering.order, viewer=person, number=number)
                    around = await look(
                        snapshots.snapshots_around, viewer=person, moment=order.placed_at
                    )
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase = "missing" if isinstance(problem, NotFound) else "failed"
                            self.problem = problem.sentence
                else:
                    if changes.are_news((order, around)):
                        async with self:
                            self.order = order
                            self.proofs = tuple(row_for(one, person) for one in around if one)
                            self.phase = "shown"

    @rx.event
    @requires(Permission.ORDER_PLACE)
    async def cancel(self) -> AsyncGenerator[EventSpec | None, None]:
        """Cancel the order and say so; the page changes through its own watch."""
        said = f"Order {self.order.number} is cancelled"
        async for answer in self._carry_out(ordering.cancel_order, said, buyer=signed_in()):
            yield answer
        self.asks_to_cancel = False

    @rx.event
    @requires(Permission.ORDER_RETRY)
    async def retry(self) -> AsyncGenerator[EventSpec | None, None]:
        """Have an operator's failed order sent once more."""
        said = f"Order {self.order.number} is sent again"
        async for answer in self._carry_out(ordering.retry_order, said, operator=signed_in()):
            yield answer

    @rx.event
    @requires(Permission.ORDER_RETRY)
    async def confirm_receipt(self, dispatch_id: UUID) -> AsyncGenerator[EventSpec | None, None]:
        """Settle an unsure purchase order: the supplier was asked and has it."""
        async for answer in self._carry_out(
            ordering.confirm_receipt,
            "Noted that the supplier has it",
            operator=signed_in(),
            dispatch_id=dispatch_id,
        ):
            yield answer

    async def _carry_out(
        self, use_case: Callable[..., object], said: str, **given: object
    ) -> AsyncGenerator[EventSpec | None, None]:
        """Do something to the order while its buttons wait, and say what came of it."""
        self.is_busy = True
        yield None
        try:
            await in_work(use_case, number=self.order.number, **given)
            yield rx.toast.success(said)
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
        finally:
            self.is_busy = False

    @rx.event
    @requires(Permission.ORDER_READ_OWN)
    async def see_mail(self, mail_id: UUID) -> AsyncGenerator[EventSpec | None, None]:
        """Open one of the order's mails as it was sent."""
        try:
            self.mail = await in_reading(
                ordering.mail, viewer=signed_in(), number=self.order.number, mail_id=mail_id
            )
            self.shows_mail = True
        except AppError as problem:
            yield rx.toast.error(problem.sentence)

    @rx.event
    @requires(Permission.ORDER_READ_OWN)
    def close_mail(self) -> None:
        """Close the mail."""
        self.shows_mail = False

    @rx.event
    @requires(Permission.ORDER_READ_OWN)
    def ask_to_cancel(self, asks: bool) -> None:  # noqa: FBT001 - an event's payload
        """Open or close the question whether to cancel."""
        self.asks_to_cancel = asks
