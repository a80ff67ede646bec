"""The answers of the administration page, good and bad."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text, update

from app.models.accounts import ROLE_PERMISSIONS, Permission, Role
from app.models.columns import now
from app.models.operations import Job, JobState
from app.models.ordering import Dispatch, DispatchState
from app.services.audit import (
    failed,
    keep_verification,
    note_refusals,
    refused,
    verify_chain,
)
from app.services.operations.health import does_everything_answer
from app.services.operations.overview import operations_overview
from app.services.palette import MAIN
from app.services.rooms import open_room
from app.views.accounts import Viewer
from app.views.health import Readiness
from app.views.room_query import RoomQuery
from app.work import open_work, reading, within
from tests.factories.database import empty_database
from tests.factories.ordering import a_viewer, an_order, some_products
from tests.integration.ordering.conftest import Drain

OPERATOR = Viewer(
    person_id=uuid4(),
    session_id=uuid4(),
    name="Grace Hopper",
    email="grace@company.example",
    roles=(Role.OPERATOR,),
    permissions=ROLE_PERMISSIONS[Role.OPERATOR],
    locale="en",
)

AUDITOR = replace(OPERATOR, permissions=ROLE_PERMISSIONS[Role.ADMIN])

if TYPE_CHECKING:
    from app.views.operations import Answer


def answers(viewer: Viewer = OPERATOR) -> dict[str, Answer]:
    return {answer.key: answer for answer in reading(operations_overview, viewer=viewer)}


def place() -> None:
    with open_work() as work:
        an_order(work, a_viewer(work.session), some_products(work.session))


@pytest.mark.usefixtures("database")
def test_nothing_has_happened_yet() -> None:
    found = answers()
    assert all(found[key].is_good for key in ("orders", "mails", "dead-letters", "queue"))


def test_all_is_well_after_an_order(drain: Drain) -> None:
    place()
    drain()
    found = answers()
    assert all(found[key].is_good for key in ("orders", "mails", "dead-letters", "queue"))
    assert found["mails"].figure == "0"


def test_a_failed_order_and_its_mail_are_said(drain: Drain) -> None:
    place()
    with open_work() as work:
        work.session.execute(text("UPDATE supplier SET order_email = 'nobody'"))
    drain()
    found = answers()
    assert (found["orders"].is_good, found["orders"].figure) == (False, "1")
    assert found["orders"].link == "/admin/orders?state=failed"
    assert (found["mails"].is_good, found["mails"].figure) == (False, "1")


@pytest.mark.usefixtures("database")
def test_an_order_that_does_not_move_is_stuck() -> None:
    place()
    with open_work() as work:
        work.session.execute(text("UPDATE dispatch SET changed_at = now() - interval '16 minutes'"))
    assert not answers()["orders"].is_good


@pytest.mark.usefixtures("database")
def test_jobs_that_nobody_takes_are_late() -> None:
    place()
    assert answers()["queue"].is_good
    long_ago = now() - timedelta(minutes=2)
    with open_work() as work:
        work.session.execute(update(Job).values(due_at=long_ago))
    assert not answers()["queue"].is_good
    with open_work() as work:
        work.session.execute(
            update(Job).values(due_at=now() + timedelta(minutes=1), relayed_at=long_ago)
        )
    assert (answers()["queue"].is_good, answers()["queue"].figure) == (False, "2")


def test_a_dead_letter_is_shown_until_it_is_settled(drain: Drain) -> None:
    place()
    with open_work() as work:
        work.session.execute(text("UPDATE job SET payload = '{}'"))
    drain()
    assert answers()["dead-letters"].figure == "2"
    assert "payload cannot be used" in answers()["dead-letters"].answer
    with open_work() as work:
        work.session.execute(text("UPDATE dead_letter SET settled_at = now()"))
    assert answers()["dead-letters"].is_good


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("state", ["bounced", "declined"])
def test_a_purchase_order_that_came_back_is_said_until_its_order_is_given_up(state: str) -> None:
    place()
    assert answers()["bounces"].is_good
    with open_work() as work:
        work.session.execute(text("UPDATE dispatch SET state = :state"), {"state": state})
        work.session.execute(text("UPDATE orders SET state = 'failed'"))
    assert (answers()["bounces"].is_good, answers()["bounces"].figure) == (False, "1")
    with open_work() as work:
        work.session.execute(text("UPDATE orders SET state = 'abandoned'"))
    assert answers()["bounces"].is_good


def test_tries_that_fail_too_often_are_said_for_an_hour(drain: Drain) -> None:
    assert answers()["errors"].figure == "0%"
    place()
    drain()
    assert (answers()["errors"].is_good, answers()["errors"].figure) == (True, "0%")
    with open_work() as work:
        work.session.execute(
            text(
                "UPDATE attempt SET outcome = 'final'"
                " WHERE job_id = (SELECT job_id FROM attempt LIMIT 1)"
            )
        )
    assert not answers()["errors"].is_good
    assert "1 of " in answers()["errors"].answer
    with open_work() as work:
        work.session.execute(text("UPDATE attempt SET started_at = now() - interval '61 minutes'"))
    assert answers()["errors"].is_good


@pytest.mark.usefixtures("database")
def test_what_the_program_could_not_do_is_said_for_an_hour() -> None:
    # What was refused in a test before and not noted in it is none of this one's.
    within(note_refusals)
    empty_database()
    assert answers(AUDITOR)["failures"].is_good
    for _ in range(3):
        refused(kind="event", id="orders.retry", reason="Not for you.")
    within(note_refusals)
    assert answers(AUDITOR)["failures"].is_good
    assert "3 were refused" in answers(AUDITOR)["failures"].answer
    for _ in range(2):
        failed(kind="event", id="basket.add", problem=ZeroDivisionError())
    within(note_refusals)
    wrong = answers(AUDITOR)["failures"]
    assert (wrong.is_good, wrong.figure) == (False, "2")
    open_link(wrong, AUDITOR)


@pytest.mark.usefixtures("database")
def test_an_audit_that_was_never_verified_is_not_called_whole() -> None:
    assert (answers(AUDITOR)["audit"].is_good, answers(AUDITOR)["audit"].is_known) == (True, False)
    within(keep_verification, result=verify_chain())
    assert (answers(AUDITOR)["audit"].is_good, answers(AUDITOR)["audit"].is_known) == (True, True)


@pytest.mark.usefixtures("database")
def test_who_may_not_mend_something_is_not_told_of_it() -> None:
    seen = frozenset({Permission.OPERATIONS_READ, Permission.JOB_READ})
    found = reading(operations_overview, viewer=replace(OPERATOR, permissions=seen))
    assert {answer.key for answer in found} == {"mails", "dead-letters", "queue", "errors"}


def open_link(answer: Answer, viewer: Viewer = OPERATOR) -> None:
    """Open the page that an answer leads to, as the address asks for it."""
    address = urlsplit(answer.link)
    if not address.path.startswith("/admin"):
        assert address.path in {place.href for place in MAIN} | {""}
        return
    room = address.path.removeprefix("/admin/")
    if room not in {"", "/admin"}:
        reading(open_room, viewer=viewer, room=room, query=RoomQuery.parse(address.query))


def test_every_answer_leads_to_a_page_that_there_is(drain: Drain) -> None:
    for answer in (does_everything_answer(Readiness(())), *answers().values()):
        open_link(answer)
    place()
    with open_work() as work:
        work.session.execute(text("UPDATE supplier SET order_email = 'nobody'"))
    drain()
    long_ago = now() - timedelta(minutes=16)
    with open_work() as work:
        work.session.execute(update(Job).values(state=JobState.QUEUED, due_at=long_ago))
        work.session.execute(text("UPDATE attempt SET outcome = 'final'"))
    found = answers()
    wrong = {key for key, answer in found.items() if not answer.is_good}
    assert wrong == {"orders", "mails", "queue", "errors"}
    for answer in found.values():
        open_link(answer)

    with open_work() as work:
        work.session.execute(text("UPDATE orders SET state = 'pending'"))
        work.session.execute(
            update(Dispatch).values(state=DispatchState.QUEUED, changed_at=long_ago)
        )
    open_link(answers()["orders"])
    with open_work() as work:
        work.session.execute(text("UPDATE orders SET state = 'failed'"))
        work.session.execute(text("UPDATE dispatch SET state = 'bounced'"))
    open_link(answers()["bounces"])
