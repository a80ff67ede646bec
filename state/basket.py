"""The basket: what stands in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.models.accounts import Permission
from app.services import ordering
from app.views.ordering import BasketLineView, BasketView
from state.base import as_said, in_reading, in_work, whole_number
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look

NO_BASKET = BasketView(
    parts=(), groups=(), totals=(), lines=0, price_changes=0, can_order=False, problem=""
)


class BasketState(rx.State):
    """What the person is about to order; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    basket: BasketView = NO_BASKET
    # Counts refused quantities: the field is drawn anew with what holds instead.
    corrections: int = 0

    @rx.event(background=True)
    @requires(Permission.BASKET_USE)
    async def watch(self) -> None:
        """Show the basket and follow it, and the prices of the catalogue with it."""
        async with self:
            # What stood in it when one looked last may be ordered by now.
            self.phase = "loading"
        async with hub.watching(f"basket:{signed_in().person_id}", "catalogue") as changes:
            async for _ in changes:
                person = signed_in()
                try:
                    basket = await look(
                        ordering.basket, person_id=person.person_id, locale=person.locale
                    )
                except AppError as problem:
                    async with self:
                        self.phase, self.problem = "failed", problem.sentence
                    continue
                async with self:
                    self.phase, self.basket = "shown", basket

    @rx.event
    @requires(Permission.BASKET_USE)
    async def add(self, product_id: int) -> AsyncGenerator[EventSpec, None]:
        """Put one piece of a product into the basket and say so."""
        yield await _add(product_id, 1)

    @rx.event
    @requires(Permission.BASKET_USE)
    async def add_several(self, product_id: int, quantity: int) -> AsyncGenerator[EventSpec, None]:
        """Put several pieces of a product into the basket and say so."""
        yield await _add(product_id, quantity)

    @rx.event
    @requires(Permission.BASKET_USE)
    async def put_back(self, product_id: int, quantity: int) -> AsyncGenerator[EventSpec, None]:
        """Undo a removal, at today's price."""
        try:
            await _put(product_id, quantity)
            await self._look()
        except AppError as problem:
            yield rx.toast.error(problem.sentence)

    @rx.event
    @requires(Permission.BASKET_USE)
    async def set_quantity(self, product_id: int, quantity: int) -> AsyncGenerator[EventSpec, None]:
        """Say how many pieces of a product are wanted."""
        try:
            await in_work(
                ordering.set_quantity,
                person_id=signed_in().person_id,
                product_id=product_id,
                quantity=quantity,
            )
        except AppError as problem:
            self.corrections += 1
            yield rx.toast.error(problem.sentence)
        await self._look()

    @rx.event
    @requires(Permission.BASKET_USE)
    async def type_quantity(self, product_id: int, typed: str) -> AsyncGenerator[EventSpec, None]:
        """Take the number that was typed; what is none is put back as it was."""
        quantity = whole_number(typed.strip())
        line = self._line(product_id)
        if line is None or line.quantity == quantity:
            return
        if quantity is None:
            self.corrections += 1
            return
        async for event in self.set_quantity(product_id, quantity):
            yield event

    @rx.event
    @requires(Permission.BASKET_USE)
    async def remove(self, product_id: int) -> AsyncGenerator[EventSpec, None]:
        """Take a product out, with a way back."""
        line = self._line(product_id)
        await in_work(ordering.remove, person_id=signed_in().person_id, product_id=product_id)
        await self._look()
        if line is not None and not line.withdrawn:
            back = BasketState.put_back(product_id, line.quantity)
            yield rx.toast(
                f"{as_said(line.name)} removed", action={"label": "Undo", "on_click": back}
            )

    @rx.event
    @requires(Permission.BASKET_USE)
    async def accept_prices(self) -> AsyncGenerator[EventSpec, None]:
        """Agree to the new prices that are on screen, and to no other ones."""
        shown = [
            (line.product_id, line.price_minor) for line in self._lines() if line.price_changed
        ]
        try:
            await in_work(ordering.accept_prices, person_id=signed_in().person_id, shown=shown)
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
        await self._look()

    async def _look(self) -> None:
        person = signed_in()
        self.basket = await in_reading(
            ordering.basket, person_id=person.person_id, locale=person.locale
        )

    def _lines(self) -> list[BasketLineView]:
        return [line for group in self.basket.groups for line in group.lines]

    def _line(self, product_id: int) -> BasketLineView | None:
        return next((line for line in self._lines() if line.product_id == product_id), None)


async def _put(product_id: int, quantity: int) -> None:
    await in_work(
        ordering.add_to_basket,
        person_id=signed_in().person_id,
        product_id=product_id,
        quantity=quantity,
    )


async def _add(product_id: int, quantity: int) -> EventSpec:
    """Put pieces into the basket; return what the visitor is told."""
    try:
        await _put(product_id, quantity)
    except AppError as problem:
        return rx.toast.error(problem.sentence)
    return rx.toast.success(
        "Added to your basket",
        action={"label": "Open the basket", "on_click": rx.redirect("/basket")},
    )
