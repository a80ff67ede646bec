"""Abandoning an order: the question, the reason, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, BadInput
from app.models.accounts import Permission
from app.services import ordering
from state.base import in_work
from state.guard import requires
from state.session import signed_in


class AbandonState(rx.State):
    """The dialog in which an operator abandons a failed order; `number` is 0 while it is closed."""

    number: int = 0
    problem: str = ""
    is_busy: bool = False

    @rx.event
    @requires(Permission.ORDER_RETRY)
    def ask(self, number: int) -> None:
        """Ask for the reason to abandon that order; 0 closes the question."""
        self.number, self.problem = number, ""

    @rx.event
    @requires(Permission.ORDER_RETRY)
    async def abandon(self, form: dict[str, str]) -> AsyncGenerator[EventSpec | None, None]:
        """Abandon the order; its page changes through its own watch."""
        self.is_busy, self.problem = True, ""
        yield None
        try:
            await in_work(
                ordering.abandon_order,
                operator=signed_in(),
                number=self.number,
                reason=form.get("reason", ""),
            )
        except BadInput as problem:
            self.problem = problem.sentence
        except AppError as problem:
            self.number = 0
            yield rx.toast.error(problem.sentence)
        else:
            yield rx.toast.success(f"Order {self.number} is abandoned")
            self.number = 0
        finally:
            self.is_busy = False
