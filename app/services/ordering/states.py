"""What state an order has: it follows from its dispatches and from nothing else."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.models.feeds import CompletionPolicy
from app.models.ordering import ORDER_TRANSITIONS, DispatchState, OrderState

if TYPE_CHECKING:
    from collections.abc import Collection

NEEDS_A_PERSON = frozenset(
    {
        DispatchState.FAILED,
        DispatchState.BOUNCED,
        DispatchState.DECLINED,
        DispatchState.UNSURE,
    }
)

COMPLETED_BY: dict[CompletionPolicy, frozenset[DispatchState]] = {
    CompletionPolicy.SENT: frozenset(
        {
            DispatchState.SENT,
            DispatchState.DELIVERED,
            DispatchState.CONFIRMED,
            DispatchState.SHIPPED,
        }
    ),
    CompletionPolicy.DELIVERED: frozenset(
        {DispatchState.DELIVERED, DispatchState.CONFIRMED, DispatchState.SHIPPED}
    ),
    CompletionPolicy.CONFIRMED: frozenset({DispatchState.CONFIRMED, DispatchState.SHIPPED}),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What counts of one dispatch; `round` is 1 until an operator has it tried again."""

    state: DispatchState
    policy: CompletionPolicy
    round: int = 1

    @property
    def is_complete(self) -> bool:
        """Whether the supplier's policy calls this part done."""
        return self.state in COMPLETED_BY[self.policy]

    @property
    def is_under_way(self) -> bool:
        """Whether this part is beyond queued; one that is queued again has been."""
        return self.state is not DispatchState.QUEUED or self.round > 1


def order_state(parts: Collection[Part]) -> OrderState:
    """Return the state of an order with these dispatches, cancelled ones left aside."""
    living = [part for part in parts if part.state is not DispatchState.CANCELLED]
    if not living:
        return OrderState.CANCELLED
    if any(part.state in NEEDS_A_PERSON for part in living):
        return OrderState.FAILED
    if all(part.is_complete for part in living):
        return OrderState.COMPLETED
    if any(part.is_under_way for part in living):
        return OrderState.PROCESSING
    return OrderState.PENDING


def way(before: OrderState, after: OrderState) -> tuple[OrderState, ...] | None:
    """Return the moves that lead from one state to the other, the fewest there are.

    One event may be worth two moves: a bounce that comes late takes a completed order through
    `processing` to `failed`. Empty where nothing has to move, None where no way leads there.
    """
    open_ways: deque[tuple[OrderState, ...]] = deque([()])
    seen = {before}
    while open_ways:
        taken = open_ways.popleft()
        here = taken[-1] if taken else before
        if here is after:
            return taken
        for following in sorted(ORDER_TRANSITIONS[here] - seen):
            seen.add(following)
            open_ways.append((*taken, following))
    return None
