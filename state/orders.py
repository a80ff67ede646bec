"""The list of orders: whose, in which state and from which number on stands in the address."""

from __future__ import annotations

from urllib.parse import urlencode

import reflex as rx

from app.errors import AppError
from app.models.accounts import Permission
from app.models.ordering import OrderState
from app.services import ordering
from app.views.ordering import OrderRow, OrdersPage, StateCount
from state.base import whole_number
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look


def orders_href(*, state: str = "", everyone: bool = False, before: int | None = None) -> str:
    """Return the address of a list of orders."""
    asked = {
        "state": state,
        "whose": "everyone" if everyone else "",
        "before": str(before) if before else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/orders?{query}" if query else "/orders"


class OrdersPageState(rx.State):
    """What the list shows; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    rows: tuple[OrderRow, ...] = ()
    # Every state with its orders, so that the filters keep their places while figures change.
    counts: tuple[StateCount, ...] = ()
    all_orders: int = 0
    state_filter: str = ""
    everyone: bool = False
    sees_everyone: bool = False
    next_href: str = ""
    first_href: str = ""

    @rx.event(background=True)
    @requires(Permission.ORDER_READ_OWN)
    async def watch(self) -> None:
        """Show the list that the address asks for and follow it until the visitor leaves."""
        person = signed_in()
        asked = self.router.url.query_parameters
        state = asked.get("state", "")
        everyone = asked.get("whose") == "everyone" and person.may(Permission.ORDER_READ_ALL)
        first = whole_number(asked.get("before", ""))
        topic = "orders:all" if everyone else f"orders:{person.person_id}"
        async with self:
            # The list as it was when one looked last; events on load keep no order between them.
            self.phase = "loading"
            self.state_filter = state
            self.everyone = everyone
            self.sees_everyone = person.may(Permission.ORDER_READ_ALL)
            self.first_href = orders_href(state=state, everyone=everyone) if first else ""
        async with hub.watching(topic) as changes:
            async for _ in changes:
                try:
                    page = await look(
                        ordering.orders,
                        viewer=signed_in(),
                        state=state,
                        before=first,
                        only_own=not everyone,
                    )
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase = "failed"
                            self.problem = problem.sentence
                else:
                    if changes.are_news(page):
                        await self._show(page, state, everyone=everyone)

    async def _show(self, page: OrdersPage, state: str, *, everyone: bool) -> None:
        """Show what was found; called by the background handler, outside its lock."""
        found = {count.state: count.orders for count in page.counts}
        counts = tuple(StateCount(state=word, orders=found.get(word, 0)) for word in OrderState)
        next_href = (
            orders_href(state=state, everyone=everyone, before=page.next_before)
            if page.next_before
            else ""
        )
        async with self:
            self.phase = "shown"
            self.rows = page.rows
            self.counts = counts
            self.all_orders = sum(found.values())
            self.next_href = next_href
