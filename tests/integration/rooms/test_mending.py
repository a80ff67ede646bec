"""What is mended in the rooms of people, sessions, suppliers, feeds and the schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app import flags
from app.config import settings
from app.errors import BadInput, Conflict, Held, NotAllowed
from app.models.accounts import Person, PersonSession, Role
from app.models.audit import AuditEntry
from app.models.columns import now, stored
from app.models.feeds import CompletionPolicy, Feed, Supplier, SyncRun
from app.models.operations import Job, ScheduledJob
from app.services.flags import queries
from app.services.rooms import Outcome, ask_first, carry_out, open_detail, open_room
from app.views.room_query import RoomQuery
from app.work import open_work, reading, within
from tests.factories.catalogue import a_feed
from tests.factories.ordering import a_viewer
from tests.integration.flags.switching import switch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.views.rooms import DetailView, RoomPage

pytestmark = pytest.mark.usefixtures("database")


def somebody(role: Role, name: str = "Katherine Johnson") -> Viewer:
    with open_work() as work:
        return a_viewer(work.session, role, name)


@pytest.fixture
def administrator(database: None) -> Viewer:  # noqa: ARG001 - on an empty database
    somebody(Role.ADMIN, "Dorothy Vaughan")
    return somebody(Role.ADMIN)


@pytest.fixture
def feed_id(database: None) -> int:  # noqa: ARG001 - on an empty database
    with open_work() as work:
        feed = a_feed(work.session)
        feed.schedule = "*/15 * * * *"
        feed.due_at = now()
        work.session.flush()
        return stored(feed.id)


def do(
    viewer: Viewer, room: str, action: str, *keys: object, reason: str = "", **values: str
) -> Outcome:
    return within(
        carry_out,
        viewer=viewer,
        room=room,
        action=action,
        keys=[str(key) for key in keys],
        reason=reason,
        values=values,
    )


def opened(viewer: Viewer, room: str, *filters: tuple[str, str], q: str = "") -> RoomPage:
    query = RoomQuery(filters=filters, q=q)
    return reading(open_room, viewer=viewer, room=room, query=query)


def detail(viewer: Viewer, room: str, key: object) -> DetailView:
    return reading(open_detail, viewer=viewer, room=room, key=str(key))


def offered(viewer: Viewer, room: str, key: object) -> set[str]:
    return {action.key for action in detail(viewer, room, key).actions}


def noted() -> list[str]:
    with open_work() as work:
        query = select(col(AuditEntry.action)).order_by(col(AuditEntry.sequence))
        return list(work.session.scalars(query))


def person(person_id: UUID) -> Person:
    with open_work() as work:
        return work.session.get_one(Person, person_id)


def a_session(viewer: Viewer) -> UUID:
    with open_work() as work:
        row = PersonSession(
            token_hash=uuid4().bytes,
            person_id=viewer.person_id,
            id_token="",
            address="192.0.2.7",
            expires_at=now() + timedelta(days=365),
        )
        work.session.add(row)
        work.session.flush()
        return stored(row.id)


def sessions() -> set[UUID]:
    with open_work() as work:
        return {stored(one) for one in work.session.scalars(select(col(PersonSession.id)))}


def test_people_are_blocked_together_and_the_one_who_asks_is_not(administrator: Viewer) -> None:
    ada, grace = somebody(Role.BUYER, "Ada"), somebody(Role.OPERATOR, "Grace")
    a_session(ada)
    keys = (ada.person_id, grace.person_id, administrator.person_id)
    with pytest.raises(BadInput):
        do(administrator, "people", "block", *keys)
    outcome = do(administrator, "people", "block", *keys, reason="They have left.")
    assert (outcome.done, outcome.refused) == (2, 1)
    assert "You cannot block yourself" in outcome.sentence
    assert [person(key).blocked_at is not None for key in keys] == [True, True, False]
    assert sessions() == set()
    page = opened(administrator, "people", ("state", "blocked"))
    assert {row.title for row in page.rows} == {"Ada", "Grace"}
    assert detail(administrator, "people", ada.person_id).lead == "They have left."
    assert offered(administrator, "people", ada.person_id) == {"roles", "unblock"}
    assert do(administrator, "people", "unblock", ada.person_id).done == 1
    assert offered(administrator, "people", ada.person_id) == {"roles", "block", "sign-out"}


def test_roles_are_given_and_withheld_with_what_holds_filled_in(administrator: Viewer) -> None:
    ada = somebody(Role.BUYER, "Ada")
    said = {"buyer": "withheld", "operator": "given", "admin": "provider"}
    do(administrator, "people", "roles", ada.person_id, **said)
    assert person(ada.person_id).roles == [Role.OPERATOR]
    asked = reading(
        ask_first,
        viewer=administrator,
        room="people",
        action="roles",
        keys=[str(ada.person_id)],
    )
    assert asked.subject == "Ada"
    assert {field.key: field.value for field in asked.fields} == said
    with pytest.raises(BadInput):
        do(administrator, "people", "roles", ada.person_id, **{**said, "admin": "everything"})
    assert noted().count("person.roles-changed") == 1
    page = opened(administrator, "people", ("role", "operator"))
    assert [row.title for row in page.rows] == ["Ada"]


@pytest.fixture
def links() -> Iterator[None]:
    """Let people sign in by links."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGN_IN_LINKS", "true")
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.mark.usefixtures("links")
def test_somebody_is_invited_with_a_role(administrator: Viewer) -> None:
    said = {"email": "mary@acme.example", "name": "Mary Jackson", "role": "operator"}
    assert "invite" in {each.key for each in opened(administrator, "people").general}
    do(administrator, "people", "invite", **said)
    (row,) = opened(administrator, "people", q="mary@acme.example").rows
    assert [cell.text for cell in row.cells] == ["Mary Jackson", "Operator", "Active", "not yet"]
    for broken in ({"email": "nobody"}, {"role": "owner"}, {"email": ""}):
        with pytest.raises(BadInput) as refused:
            do(administrator, "people", "invite", **{**said, **broken})
        assert refused.value.field == next(iter(broken))
    with pytest.raises(Conflict):
        do(administrator, "people", "invite", **said)


def test_sessions_are_ended_one_by_one_or_all_of_a_person(administrator: Viewer) -> None:
    ada = somebody(Role.BUYER, "Ada")
    first, second, third = (a_session(ada) for _ in range(3))
    own = a_session(administrator)
    assert len(opened(administrator, "sessions").rows) == 4
    assert len(opened(administrator, "sessions", q="ada").rows) == 3
    do(administrator, "sessions", "end", first)
    assert sessions() == {second, third, own}
    do(administrator, "sessions", "end-all", second)
    assert sessions() == {own}
    with pytest.raises(NotAllowed):
        do(somebody(Role.OPERATOR), "sessions", "end", own)
    assert sessions() == {own}


def test_a_session_that_has_run_out_is_not_listed(administrator: Viewer) -> None:
    session_id = a_session(administrator)
    with open_work() as work:
        work.session.get_one(PersonSession, session_id).expires_at = now()
    assert opened(administrator, "sessions").rows == ()


def test_a_supplier_is_changed_by_those_who_may(administrator: Viewer, feed_id: int) -> None:
    with open_work() as work:
        supplier_id = work.session.get_one(Feed, feed_id).supplier_id
    values = {
        "name": "Norda Oy",
        "order_email": "tilaus@norda.example",
        "completion_policy": "confirmed",
    }
    with pytest.raises(BadInput) as refused:
        do(administrator, "suppliers", "change", supplier_id, **{**values, "order_email": "x"})
    assert refused.value.field == "order_email"
    do(administrator, "suppliers", "change", supplier_id, **values)
    with open_work() as work:
        changed = work.session.get_one(Supplier, supplier_id)
    assert (changed.name, changed.completion_policy) == ("Norda Oy", CompletionPolicy.CONFIRMED)
    with pytest.raises(NotAllowed):
        do(somebody(Role.OPERATOR), "suppliers", "change", supplier_id, **values)


def test_a_feed_is_paused_resumed_synced_and_its_sync_cancelled(
    administrator: Viewer, feed_id: int
) -> None:
    assert offered(administrator, "feeds", feed_id) == {"sync", "pause"}
    do(administrator, "feeds", "pause", feed_id)
    assert offered(administrator, "feeds", feed_id) == {"sync", "resume"}
    page = opened(administrator, "feeds", ("state", "paused"))
    assert [row.key for row in page.rows] == [str(feed_id)]
    facts = {fact.term: fact.value.text for fact in detail(administrator, "feeds", feed_id).facts}
    assert facts["Next"] == "paused by Katherine Johnson"
    do(administrator, "feeds", "resume", feed_id)
    do(administrator, "feeds", "sync", feed_id)
    assert offered(administrator, "feeds", feed_id) == {"cancel", "pause"}
    with pytest.raises(Conflict):
        do(administrator, "feeds", "sync", feed_id)
    do(administrator, "feeds", "cancel", feed_id)
    with open_work() as work:
        assert [run.state for run in work.session.scalars(select(SyncRun))] == ["cancelled"]
    deeds = [deed for deed in noted() if deed.startswith("feed.")]
    assert deeds == [
        "feed.paused",
        "feed.resumed",
        "feed.sync-requested",
        "feed.sync-cancelled",
    ]


def test_an_operator_syncs_and_does_not_pause(feed_id: int) -> None:
    grace = somebody(Role.OPERATOR, "Grace")
    assert offered(grace, "feeds", feed_id) == {"sync"}
    with pytest.raises(NotAllowed):
        do(grace, "feeds", "pause", feed_id)
    assert do(grace, "feeds", "sync", feed_id).done == 1


def test_the_schedule_holds_jobs_and_feeds_and_mends_both(
    administrator: Viewer, feed_id: int
) -> None:
    feed = f"feed:{feed_id}"
    keys = {row.key for row in opened(administrator, "schedule").rows}
    assert {"clean-up", feed} <= keys
    assert do(administrator, "schedule", "pause", "clean-up", feed).done == 2
    page = opened(administrator, "schedule", ("state", "paused"))
    assert {row.key for row in page.rows} == {"clean-up", feed}
    assert do(administrator, "schedule", "run", "clean-up", feed).done == 2
    assert do(administrator, "schedule", "resume", "clean-up", feed).done == 2
    with open_work() as work:
        assert work.session.get_one(ScheduledJob, "clean-up").due_at is not None
        assert work.session.get_one(Feed, feed_id).due_at is not None
        names = set(work.session.scalars(select(col(Job.name))))
    assert names == {"jobs.operations.clean_up", "jobs.feeds.sync_feed"}
    again = do(administrator, "schedule", "run", "clean-up", feed)
    assert (again.done, again.refused) == (1, 1)
    assert "under way already" in again.sentence
    with pytest.raises(NotAllowed):
        do(somebody(Role.OPERATOR), "schedule", "run", "clean-up")


def test_the_audit_says_what_a_change_was(administrator: Viewer) -> None:
    ada = somebody(Role.BUYER, "Ada")
    do(administrator, "people", "block", ada.person_id, reason="She has left.")
    page = opened(administrator, "audit", ("subject", str(ada.person_id)))
    (row,) = page.rows
    assert row.cells[0].text == "Person: blocked"
    shown = detail(administrator, "audit", row.key)
    (section,) = shown.sections
    said = {one.field: (one.before, one.after) for one in section.differences}
    assert said == {"blocked": ("no", "yes"), "reason": ("", "She has left.")}
    for filters in (("about", "person"), ("action", "person.blocked"), ("when", "1h")):
        assert [one.key for one in opened(administrator, "audit", filters).rows] == [row.key]
    assert opened(administrator, "audit", ("about", "order")).rows == ()
    assert [one.key for one in opened(administrator, "audit", q="ada").rows] == [row.key]
    with pytest.raises(NotAllowed):
        opened(somebody(Role.OPERATOR), "audit")


def test_a_kill_switch_is_turned_on_with_a_reason_and_off_again(administrator: Viewer) -> None:
    with pytest.raises(BadInput) as refused:
        do(administrator, "flags", "on", "stop-mail")
    assert refused.value.field == "reason"
    do(administrator, "flags", "on", "stop-mail", reason="A supplier calls.")
    (row,) = opened(administrator, "flags", ("kind", "kill switch"), ("state", "on")).rows
    assert (row.key, row.cells[2].text) == ("stop-mail", "Stopped")
    assert {action.key for action in row.actions} == {"off"}
    with pytest.raises(Conflict):
        do(administrator, "flags", "on", "stop-mail", reason="Once more.")
    do(administrator, "flags", "off", "stop-mail", reason="It is settled.")
    shown = detail(administrator, "flags", "stop-mail")
    (history,) = shown.sections
    assert [row[4].text for row in history.rows] == ["It is settled.", "A supplier calls."]
    grace = somebody(Role.OPERATOR, "Grace")
    assert detail(grace, "flags", "stop-mail").sections == ()
    with pytest.raises(NotAllowed):
        do(grace, "flags", "on", "stop-mail", reason="I may not.")


def test_a_feature_is_let_out_for_some(administrator: Viewer) -> None:
    name = "corrected-search"
    with pytest.raises(BadInput) as refused:
        do(administrator, "flags", "change", name, reason="A trial.", rule="half")
    assert refused.value.field == "rule"
    do(administrator, "flags", "change", name, reason="A trial.", rule="25% role:operator")
    shown = detail(administrator, "flags", name)
    assert shown.badge.text == "On for 25 % of people and the role operator"
    assert [row.key for row in opened(administrator, "flags", ("state", "partly")).rows] == [name]


def test_an_expired_flag_is_red(administrator: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    old = replace(flags.CORRECTED_SEARCH, expires=date(2026, 1, 2))
    monkeypatch.setattr(queries, "FLAGS", {**flags.FLAGS, old.name: old})
    (row,) = opened(administrator, "flags", ("expired", "yes")).rows
    assert (row.cells[3].text, row.cells[3].tone) == ("Expired 2026-01-02", "bad")


def test_what_holds_while_changes_are_paused(administrator: Viewer, feed_id: int) -> None:
    ada = somebody(Role.BUYER, "Ada")
    session_id = a_session(ada)
    switch(flags.READ_ONLY, "on")
    with pytest.raises(Held):
        do(administrator, "feeds", "pause", feed_id)
    assert do(administrator, "sessions", "end", session_id).done == 1
    assert do(administrator, "people", "block", ada.person_id, reason="An attack.").done == 1
    assert do(administrator, "flags", "off", "read-only", reason="It is over.").done == 1
