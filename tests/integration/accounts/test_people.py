"""What an administrator decides about people, and that nobody else can."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.integrations.ports import Identity
from app.models.accounts import Permission, Person
from app.models.audit import AuditEntry
from app.services import accounts
from app.work import open_work, reading, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.views.accounts import Viewer
    from tests.integration.accounts.provider import Browser

pytestmark = pytest.mark.usefixtures("database")


def identity_of(name: str, *groups: str) -> Identity:
    return Identity(
        issuer="https://login.example",
        subject=name,
        email=f"{name}@acme.example",
        name=name,
        groups=groups,
        locale="en",
        id_token="",
    )


def token_of(name: str, *groups: str) -> str:
    """Sign somebody in with one more browser; returns the cookie's value."""
    identity = identity_of(name, *groups)
    return within(
        accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser()
    ).token


def who(token: str) -> Viewer | None:
    return within(accounts.who_is_asking, token=token)


def signed_in(name: str, *groups: str) -> Viewer:
    person = who(token_of(name, *groups))
    assert person is not None
    return person


def person_of(person_id: UUID) -> Person:
    with open_work(read_only=True) as work:
        person = work.session.get(Person, person_id)
        assert person is not None
        work.session.expunge(person)
        return person


def change(administrator: Viewer, person: Viewer, *, give: str = "", withhold: str = "") -> None:
    within(
        accounts.change_roles,
        administrator=administrator,
        person_id=person.person_id,
        give=give.split(),
        withhold=withhold.split(),
    )


def block(administrator: Viewer, person: Viewer, reason: str = "Left the company") -> None:
    within(
        accounts.block_person,
        administrator=administrator,
        person_id=person.person_id,
        reason=reason,
    )


def test_a_role_that_is_given_counts_at_once_and_at_the_next_sign_in() -> None:
    ada, token = signed_in("ada", "admin"), token_of("bea", "buyer")
    before = who(token)
    assert before is not None

    change(ada, before, give="operator")

    after = who(token)
    assert after is not None
    assert after.roles == ("buyer", "operator")
    assert after.may(Permission.ORDER_RETRY)
    assert after.rights_version > before.rights_version
    assert signed_in("bea", "buyer").roles == ("buyer", "operator")


def test_somebody_in_no_group_signs_in_with_the_role_they_were_given() -> None:
    ada, bea = signed_in("ada", "admin"), signed_in("bea", "buyer")
    change(ada, bea, give="buyer")

    assert signed_in("bea").roles == ("buyer",)

    change(ada, bea)
    with pytest.raises(NotAllowed, match="none of the groups"):
        token_of("bea", "guests")


def test_a_role_that_is_withheld_stays_so_whatever_the_provider_says() -> None:
    ada, bea = signed_in("ada", "admin"), signed_in("bea", "buyer", "operator")

    change(ada, bea, withhold="operator")

    assert signed_in("bea", "buyer", "operator", "admin").roles == ("buyer", "admin")
    change(ada, bea)
    assert signed_in("bea", "buyer", "operator").roles == ("buyer", "operator")


def test_what_changes_nothing_raises_no_version() -> None:
    ada, bea = signed_in("ada", "admin"), signed_in("bea", "buyer")

    change(ada, bea, give="buyer")
    again = signed_in("bea", "buyer")

    assert again.rights_version == bea.rights_version


def test_other_groups_at_a_sign_in_count_in_the_other_browsers_too() -> None:
    phone = token_of("bea", "buyer", "operator")
    before = who(phone)

    signed_in("bea", "buyer")

    after = who(phone)
    assert before is not None
    assert after is not None
    assert after.roles == ("buyer",)
    assert after.rights_version > before.rights_version


@pytest.mark.parametrize(
    ("give", "withhold"), [("service", ""), ("", "service"), ("root", ""), ("admin", "admin")]
)
def test_a_role_that_nobody_can_have_is_refused(give: str, withhold: str) -> None:
    ada, bea = signed_in("ada", "admin"), signed_in("bea", "buyer")

    with pytest.raises(BadInput):
        change(ada, bea, give=give, withhold=withhold)

    assert person_of(bea.person_id).roles == ["buyer"]


def test_only_an_administrator_changes_people() -> None:
    bea, otto = signed_in("bea", "buyer"), signed_in("otto", "operator")

    with pytest.raises(NotAllowed):
        change(otto, otto, give="admin")
    with pytest.raises(NotAllowed):
        block(otto, bea)
    with pytest.raises(NotAllowed):
        within(accounts.unblock_person, administrator=otto, person_id=bea.person_id)
    with pytest.raises(NotAllowed):
        within(accounts.end_session, administrator=otto, session_id=bea.session_id)
    with pytest.raises(NotAllowed):
        within(accounts.end_all_sessions_of, administrator=otto, person_id=bea.person_id)

    assert person_of(otto.person_id).roles == ["operator"]
    assert reading(accounts.holders_of, session_ids=[bea.session_id])


def test_somebody_who_is_not_there_is_not_found() -> None:
    ada = signed_in("ada", "admin")

    with pytest.raises(NotFound):
        within(
            accounts.change_roles, administrator=ada, person_id=uuid4(), give=["buyer"], withhold=[]
        )
    with pytest.raises(NotFound):
        within(accounts.end_session, administrator=ada, session_id=uuid4())


def test_the_last_administrator_stays_one() -> None:
    ada, bob = signed_in("ada", "admin"), signed_in("bob", "admin")
    block(ada, bob)
    command_line = accounts.service_viewer("command line")

    with pytest.raises(Conflict, match="last administrator"):
        change(ada, ada, withhold="admin")
    with pytest.raises(Conflict, match="last administrator"):
        block(command_line, ada)

    within(accounts.unblock_person, administrator=ada, person_id=bob.person_id)
    change(ada, ada, withhold="admin", give="buyer")
    assert person_of(ada.person_id).roles == ["buyer"]


async def test_two_who_take_the_role_from_each_other_do_not_both_succeed() -> None:
    ada, bob = signed_in("ada", "admin"), signed_in("bob", "admin")

    answers = await asyncio.gather(
        asyncio.to_thread(change, ada, bob, withhold="admin"),
        asyncio.to_thread(change, bob, ada, withhold="admin"),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers if answer is not None] == [Conflict]
    left = [person_of(one.person_id).roles for one in (ada, bob)]
    assert sorted(left) == [[], ["admin"]]


def test_a_block_ends_every_session_and_the_way_in() -> None:
    ada, phone, desk = signed_in("ada", "admin"), token_of("bea", "buyer"), token_of("bea", "buyer")
    bea = who(desk)
    assert bea is not None

    block(ada, bea, reason="  Left \n the company ")

    assert [who(phone), who(desk)] == [None, None]
    assert person_of(bea.person_id).blocked_reason == "Left the company"
    with pytest.raises(NotAllowed, match="has been blocked"):
        token_of("bea", "buyer")

    within(accounts.unblock_person, administrator=ada, person_id=bea.person_id)
    assert [who(phone), who(desk)] == [None, None]
    assert signed_in("bea", "buyer").roles == ("buyer",)
    with pytest.raises(Conflict, match="not blocked"):
        within(accounts.unblock_person, administrator=ada, person_id=bea.person_id)


def test_while_somebody_is_blocked_no_session_of_theirs_counts() -> None:
    ada, token = signed_in("ada", "admin"), token_of("bea", "buyer")
    bea = who(token)
    assert bea is not None
    with open_work() as work:
        person = work.session.get_one(Person, bea.person_id)
        person.blocked_at = person.created_at

    assert who(token) is None
    assert set(reading(accounts.holders_of, session_ids=[bea.session_id, ada.session_id])) == {
        ada.session_id
    }


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_a_block_says_why(reason: str) -> None:
    ada, bea = signed_in("ada", "admin"), signed_in("bea", "buyer")

    with pytest.raises(BadInput):
        block(ada, bea, reason=reason)

    assert person_of(bea.person_id).blocked_at is None


def test_nobody_blocks_themselves() -> None:
    ada = signed_in("ada", "admin")
    signed_in("bob", "admin")

    with pytest.raises(Conflict, match="yourself"):
        block(ada, ada)


def test_an_administrator_ends_one_session_or_all_of_somebody() -> None:
    ada = signed_in("ada", "admin")
    tokens = [token_of("bea", "buyer") for _ in range(3)]
    first = who(tokens[0])
    assert first is not None

    within(accounts.end_session, administrator=ada, session_id=first.session_id)
    assert [who(token) is None for token in tokens] == [True, False, False]

    ended = within(accounts.end_all_sessions_of, administrator=ada, person_id=first.person_id)
    assert ended == 2
    assert [who(token) for token in tokens] == [None] * 3


def test_what_is_decided_about_people_is_noted() -> None:
    ada, bea = signed_in("ada", "admin"), signed_in("bea", "buyer")
    actions = ("person.roles-changed", "session.ended", "person.blocked", "person.unblocked")

    change(ada, bea, give="operator")
    within(accounts.end_session, administrator=ada, session_id=bea.session_id)
    block(ada, bea)
    within(accounts.unblock_person, administrator=ada, person_id=bea.person_id)

    with open_work(read_only=True) as work:
        entries = work.session.scalars(
            select(AuditEntry)
            .where(col(AuditEntry.action).in_(actions))
            .order_by(col(AuditEntry.sequence))
        )
        noted = [(one.action, one.subject_id, one.before, one.after) for one in entries]
    of_bea = str(bea.person_id)
    free, shut = {"blocked": False, "reason": ""}, {"blocked": True, "reason": "Left the company"}
    assert noted == [
        (
            "person.roles-changed",
            of_bea,
            {"given": [], "roles": ["buyer"]},
            {"given": ["operator"], "roles": ["buyer", "operator"]},
        ),
        ("session.ended", of_bea, None, {"sessions": 1}),
        ("person.blocked", of_bea, free, shut),
        ("person.unblocked", of_bea, shut, free),
    ]


async def test_a_blocked_person_is_told_at_the_sign_in(
    browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    await browser.sign_in(person="buyer")
    bea = who(browser.web.cookies.get(accounts.session_cookie()) or "")
    assert bea is not None
    block(signed_in("ada", "admin"), bea)

    another = new_browser()
    answer = await another.sign_in(person="buyer")

    assert answer.status_code == 403
    assert "has been blocked" in answer.text
    assert "Left the company" not in answer.text
    assert accounts.session_cookie() not in another.web.cookies
