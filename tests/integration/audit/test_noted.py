"""What people do at the door and operators do to orders and feeds is noted, by those who did it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.acting import ActorKind, acts
from app.integrations.ports import EndedSession, Identity
from app.models.audit import AuditEntry
from app.models.columns import now, stored
from app.models.ordering import Dispatch, DispatchState, Order, OrderState
from app.services import accounts
from app.services.feeds import register_feed, request_sync
from app.services.ordering import confirm_receipt, retry_order
from app.work import open_work, within
from tests.factories.ordering import a_viewer, an_operator, an_order, some_products

if TYPE_CHECKING:
    from app.work import Work

pytestmark = pytest.mark.usefixtures("database")
ISSUER = "https://issuer.example"
ADA = Identity(ISSUER, "ada", "ada@buyers.example", "Ada", ("buyer",), "en", "", "sign-in 1")
SAFARI = accounts.Browser(user_agent="Safari")


@pytest.fixture(autouse=True)
def somebody_at_the_door() -> None:
    """Come from somewhere, not yet known."""
    acts(kind=ActorKind.NOBODY, address="203.0.113.9", trace_id="cafe")


def noted(work: Work) -> list[AuditEntry]:
    return list(work.session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence))))


def signed_in(identity: Identity = ADA) -> str:
    return within(accounts.sign_in, identity=identity, replaces="", browser=SAFARI).token


def test_signing_in_and_out_is_by_the_person_from_where_they_are() -> None:
    within(accounts.sign_out, token=signed_in())
    came, went = within(noted)
    assert (came.action, went.action) == ("person.signed-in", "person.signed-out")
    assert {(one.actor_kind, one.actor_name, one.address) for one in (came, went)} == {
        (ActorKind.PERSON, "Ada", "203.0.113.9")
    }
    assert came.actor_id == came.subject_id == went.subject_id
    assert came.after == {"roles": ["buyer"], "issuer": ISSUER, "browser": "Safari"}


def test_signing_out_of_a_session_that_has_ended_is_nothing() -> None:
    within(accounts.sign_out, token="not any")
    assert within(noted) == []


def test_another_role_by_the_provider_is_noted_as_its_doing() -> None:
    signed_in()
    signed_in(replace(ADA, groups=("buyer", "operator")))
    _, changed, _ = within(noted)
    assert (changed.action, changed.actor_name) == ("person.roles-changed", "sign-in provider")
    assert changed.before == {"roles": ["buyer"]}
    assert changed.after == {"roles": ["buyer", "operator"]}


def test_sessions_that_the_provider_ends_are_noted_as_its_doing() -> None:
    signed_in()
    signed_in()
    ended = EndedSession(ISSUER, "ada", "", opened_before=now())
    assert within(accounts.sign_out_at_provider, ended=ended) == 2
    last = within(noted)[-1]
    assert (last.action, last.actor_name, last.subject_title) == (
        "session.ended",
        "sign-in provider",
        "Ada",
    )
    assert last.after == {"sessions": 2}


def test_what_operators_do_to_an_order_is_noted() -> None:
    with open_work() as work:
        operator = an_operator(work.session)
        number = an_order(work, a_viewer(work.session), some_products(work.session))
        work.write_added()
        work.session.execute(update(Order).values(state=OrderState.FAILED))
        work.session.execute(update(Dispatch).values(state=DispatchState.FAILED))
    within(retry_order, operator=operator, number=number)
    with open_work() as work:
        work.session.execute(update(Dispatch).values(state=DispatchState.UNSURE))
        [dispatch_id] = work.session.scalars(select(col(Dispatch.id)))
    within(confirm_receipt, operator=operator, number=number, dispatch_id=stored(dispatch_id))
    retried, confirmed = within(noted)
    assert (retried.action, confirmed.action) == ("order.retried", "order.receipt-confirmed")
    assert retried.subject_title == confirmed.subject_title == f"Order {number}"
    assert retried.before == {"state": "failed"}
    assert retried.after == {"state": "processing", "dispatches": [str(dispatch_id)]}
    assert confirmed.before == {"state": "unsure"}


def test_a_feed_that_is_registered_and_a_sync_that_is_asked_for_are_noted() -> None:
    feed_id = within(
        register_feed,
        name="nuts",
        supplier="Nuts & Bolts",
        order_email="orders@nuts.example",
        url="https://nuts.example/feed?api_key=k1",
        mapping={"external_id": "id", "name": "name", "price": "price", "currency": "'EUR'"},
    )
    for _ in range(2):
        within(request_sync, feed_id=feed_id)
    registered, asked = within(noted)
    assert (registered.action, asked.action) == ("feed.registered", "feed.sync-requested")
    assert registered.subject_title == asked.subject_title == "nuts"
    assert registered.after
    assert registered.after["url"] == "https://nuts.example/feed?api_key=**********"
