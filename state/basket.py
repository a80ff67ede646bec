"""The basket: its badge on every page, and the page on which it becomes an order."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.models.accounts import Permission
from app.services import ordering
from state.base import in_reading, in_work
from state.guard import public, requires
from state.live import hub
from state.session import signed_in, viewer


class BasketBadgeState(rx.State):
    """How many lines the basket has; shown on every page and kept up to date."""

    count: int = 0

    @rx.event(background=True)
    @public
    async def watch(self) -> None:
        """Follow the basket of whoever is signed in; an `on_load` handler of every page."""
        person = viewer()
        if person is None:
            async with self:
                self.count = 0
            return
        async with hub.watching(f"basket:{person.person_id}") as changes:
            async for _ in changes:
                count = await in_reading(ordering.basket_count, person_id=person.person_id)
                async with self:
                    self.count = count


class BasketState(rx.State):
    """What the person is about to order."""

    @rx.event
    @requires(Permission.BASKET_USE)
    async def add(self, product_id: int, quantity: int = 1) -> AsyncGenerator[EventSpec, None]:
        """Put a product into the basket and say so."""
        try:
            await in_work(
                ordering.add_to_basket,
                person_id=signed_in().person_id,
                product_id=product_id,
                quantity=quantity,
            )
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
            return
        yield rx.toast.success(
            "Added to your basket",
            action={"label": "Open the basket", "on_click": rx.redirect("/basket")},
        )
