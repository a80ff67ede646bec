"""Correcting a supplier: who may, what is refused, what is noted, and whose orders follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models.accounts import Role
from app.models.audit import AuditEntry
from app.models.columns import stored
from app.models.feeds import CompletionPolicy, Supplier
from app.models.operations import Job
from app.models.ordering import Dispatch, DispatchState, FollowPolicy, Order, OrderState
from app.services.feeds.suppliers import change_supplier
from app.services.ordering import policy
from app.services.ordering.moves import lock_order, move_dispatch
from app.work import open_work, within
from tests.factories.catalogue import a_supplier
from tests.factories.ordering import a_viewer, an_order, some_products

if TYPE_CHECKING:
    from app.views.accounts import Viewer

pytestmark = pytest.mark.usefixtures("database")


def somebody(role: Role) -> Viewer:
    with open_work() as work:
        return a_viewer(work.session, role, "Katherine Johnson")


@pytest.fixture
def supplier_id(database: None) -> int:  # noqa: ARG001 - an empty one
    with open_work() as work:
        a_supplier(work.session, "Verkko Tools")
        return stored(a_supplier(work.session, "Norda Supply").id)


def change(supplier_id: int, role: Role = Role.ADMIN, **given: Any) -> None:
    values = {
        "name": "Norda Supply",
        "order_email": "orders@norda.example",
        "completion_policy": CompletionPolicy.SENT,
        **given,
    }
    within(change_supplier, viewer=somebody(role), supplier_id=supplier_id, **values)


def supplier(supplier_id: int) -> Supplier:
    with open_work() as work:
        return work.session.get_one(Supplier, supplier_id)


def noted() -> list[AuditEntry]:
    with open_work() as work:
        return list(work.session.scalars(select(AuditEntry)))


def jobs() -> int:
    with open_work() as work:
        query = select(func.count()).where(col(Job.name) == FollowPolicy.job)
        return work.session.scalar(query) or 0


def test_what_changes_is_kept_and_noted(supplier_id: int) -> None:
    change(supplier_id, name=" Norda  Oy ", order_email="tilaus@norda.example")
    changed = supplier(supplier_id)
    assert (changed.name, changed.order_email) == ("Norda Oy", "tilaus@norda.example")
    (entry,) = noted()
    assert (entry.action, entry.subject_title) == ("supplier.changed", "Norda Oy")
    assert entry.before == {"name": "Norda Supply", "order_email": "orders@norda.example"}
    assert entry.after == {"name": "Norda Oy", "order_email": "tilaus@norda.example"}
    assert jobs() == 0


def test_saying_it_again_changes_and_notes_nothing(supplier_id: int) -> None:
    change(supplier_id)
    assert noted() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"order_email": "nobody"}, "order_email"),
        ({"order_email": "Norda <orders@norda.example>"}, "order_email"),
        ({"order_email": "a@b.example, c@d.example"}, "order_email"),
        ({"order_email": "a@b.example\nBcc: c@d.example"}, "order_email"),
    ],
)
def test_what_cannot_be_used_is_refused(
    given: dict[str, Any], field: str, supplier_id: int
) -> None:
    with pytest.raises(BadInput) as refused:
        change(supplier_id, Role.ADMIN, **given)
    assert refused.value.field == field
    assert supplier(supplier_id).name == "Norda Supply"
    assert noted() == []


def test_two_suppliers_never_have_one_name(supplier_id: int) -> None:
    with pytest.raises(Conflict):
        change(supplier_id, name="Verkko Tools")


def test_only_an_administrator_may(supplier_id: int) -> None:
    with pytest.raises(NotAllowed):
        change(supplier_id, Role.OPERATOR, name="Mine")
    with pytest.raises(NotFound):
        change(99)
    assert supplier(supplier_id).name == "Norda Supply"


def states() -> list[OrderState]:
    with open_work() as work:
        return list(work.session.scalars(select(col(Order.state)).order_by(col(Order.number))))


def test_orders_that_wait_follow_a_policy_that_asks_for_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policy, "BATCH", 2)
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, policy=CompletionPolicy.CONFIRMED)
        for _ in range(3):
            an_order(work, buyer, products)
        an_order(work, buyer, products)
        dispatches = work.session.scalars(select(Dispatch).order_by(col(Dispatch.id))).all()
        for dispatch in dispatches[:3]:
            order = lock_order(work, order_id=dispatch.order_id)
            assert order is not None
            for state in (DispatchState.SENDING, DispatchState.SENT):
                move_dispatch(work, order=order, dispatch=dispatch, to=state)
        supplier_id = stored(dispatches[0].supplier_id)
    assert states() == [OrderState.PROCESSING] * 3 + [OrderState.PENDING]
    change(supplier_id, name="Supplier 1", completion_policy=CompletionPolicy.SENT)
    assert jobs() == 1
    assert policy.follow_policy(supplier_id=supplier_id) == 3
    assert states() == [OrderState.COMPLETED] * 3 + [OrderState.PENDING]
    change(supplier_id, name="Supplier 1", completion_policy=CompletionPolicy.CONFIRMED)
    assert policy.follow_policy(supplier_id=supplier_id) == 0
    assert states() == [OrderState.COMPLETED] * 3 + [OrderState.PENDING]
