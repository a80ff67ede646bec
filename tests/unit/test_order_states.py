"""What state an order has, for every combination of dispatches that can come about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.models.feeds import CompletionPolicy
from app.models.ordering import (
    DISPATCH_TRANSITIONS,
    ORDER_TRANSITIONS,
    DispatchState,
    OrderState,
)
from app.services.ordering.states import COMPLETED_BY, NEEDS_A_PERSON, Part, order_state, way

PARTS = st.builds(
    Part,
    state=st.sampled_from(DispatchState),
    policy=st.sampled_from(CompletionPolicy),
    round=st.integers(1, 3),
)


def _reachable(states: dict[DispatchState, frozenset[DispatchState]]) -> set[DispatchState]:
    seen, open_states = {DispatchState.QUEUED}, [DispatchState.QUEUED]
    while open_states:
        for following in states[open_states.pop()] - seen:
            seen.add(following)
            open_states.append(following)
    return seen


def test_every_state_of_a_dispatch_can_be_reached() -> None:
    assert _reachable(DISPATCH_TRANSITIONS) == set(DispatchState)
    assert set(DISPATCH_TRANSITIONS) == set(DispatchState)


def test_every_state_of_an_order_can_be_reached_and_has_its_moves() -> None:
    assert set(ORDER_TRANSITIONS) == set(OrderState)
    assert all(way(OrderState.PENDING, state) is not None for state in OrderState)


@given(st.lists(PARTS, min_size=1, max_size=5))
def test_the_rules_in_their_sequence(parts: list[Part]) -> None:
    living = [part for part in parts if part.state is not DispatchState.CANCELLED]
    state = order_state(parts)
    assert (state is OrderState.CANCELLED) == (not living)
    assert (state is OrderState.FAILED) == any(part.state in NEEDS_A_PERSON for part in living)
    if state is OrderState.COMPLETED:
        assert all(part.state in COMPLETED_BY[part.policy] for part in living)
    if state is OrderState.PENDING:
        assert all(part.state is DispatchState.QUEUED and part.round == 1 for part in living)
    assert state is not OrderState.ABANDONED


@given(st.lists(PARTS, min_size=1, max_size=5), st.data())
def test_the_sequence_of_dispatches_does_not_matter(parts: list[Part], data: st.DataObject) -> None:
    assert order_state(data.draw(st.permutations(parts))) is order_state(parts)


@given(data=st.data(), policies=st.lists(st.sampled_from(CompletionPolicy), min_size=1, max_size=4))
def test_an_order_can_always_follow_its_dispatches(
    data: st.DataObject, policies: list[CompletionPolicy]
) -> None:
    """Walk: dispatches move by their table, cancelled together; the order always finds a way."""
    parts = [Part(DispatchState.QUEUED, policy) for policy in policies]
    state = OrderState.PENDING
    for _ in range(data.draw(st.integers(0, 25))):
        if state is OrderState.PENDING and data.draw(st.integers(0, 9)) == 0:
            parts = [Part(DispatchState.CANCELLED, part.policy) for part in parts]
        else:
            index = data.draw(st.integers(0, len(parts) - 1))
            part = parts[index]
            moves = sorted(DISPATCH_TRANSITIONS[part.state] - {DispatchState.CANCELLED})
            if not moves:
                continue
            after = data.draw(st.sampled_from(moves))
            again = part.round + (after is DispatchState.QUEUED)
            parts[index] = Part(after, part.policy, again)
        moves_of_order = way(state, order_state(parts))
        assert moves_of_order is not None, (state, parts)
        for following in moves_of_order:
            assert following in ORDER_TRANSITIONS[state]
            state = following
        assert state is order_state(parts)


def test_a_late_bounce_takes_a_completed_order_through_processing() -> None:
    assert way(OrderState.COMPLETED, OrderState.FAILED) == (
        OrderState.PROCESSING,
        OrderState.FAILED,
    )


def test_what_has_ended_stays() -> None:
    for ended in (OrderState.CANCELLED, OrderState.ABANDONED):
        assert all(way(ended, after) is None for after in OrderState if after is not ended)
