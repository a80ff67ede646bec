"""Where somebody is signed in, and signing out there from here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.errors import NotFound
from app.integrations.ports import Identity
from app.models.accounts import PersonSession
from app.models.columns import now
from app.services import accounts
from app.services.accounts.sessions import device
from app.work import open_work, reading, within

if TYPE_CHECKING:
    from app.views.accounts import Viewer

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)


def signed_in(name: str, user_agent: str = FIREFOX) -> Viewer:
    """Sign somebody in with another browser."""
    identity = Identity(
        issuer="https://login.example",
        subject=name,
        email=f"{name}@acme.example",
        name=name,
        groups=("buyer",),
        locale="en",
        id_token="",
    )
    browser = accounts.Browser(user_agent=user_agent, address="203.0.113.7")
    opened = within(accounts.sign_in, identity=identity, replaces="", browser=browser)
    person = reading(accounts.who_is_asking, token=opened.token)
    assert person is not None
    return person


def runs(person: Viewer) -> bool:
    ids = [person.session_id]
    return bool(reading(accounts.holders_of, session_ids=ids))


@pytest.mark.usefixtures("database")
def test_one_sees_ones_own_sessions_and_nobody_elses() -> None:
    signed_in("somebody else")
    phone = signed_in("ann", SAFARI)
    desk = signed_in("ann")

    rows = reading(accounts.own_sessions, viewer=desk)

    assert [(row.id, row.device, row.is_this) for row in rows] == [
        (desk.session_id, "Firefox on Linux", True),
        (phone.session_id, "Mobile Safari on iOS", False),
    ]
    assert rows[0].address == "203.0.113.7"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("column", ["expires_at", "seen_at"])
def test_what_has_ended_by_itself_is_not_listed(column: str) -> None:
    phone, desk = signed_in("ann"), signed_in("ann")
    with open_work() as work:
        work.session.execute(
            update(PersonSession)
            .where(col(PersonSession.id) == phone.session_id)
            .values({column: now() - timedelta(days=1)})
        )

    assert [row.id for row in reading(accounts.own_sessions, viewer=desk)] == [desk.session_id]


@pytest.mark.usefixtures("database")
def test_a_session_ends_from_another_browser() -> None:
    phone, desk = signed_in("ann"), signed_in("ann")

    within(accounts.sign_out_elsewhere, viewer=desk, session_id=phone.session_id)

    assert not runs(phone)
    assert runs(desk)


@pytest.mark.usefixtures("database")
def test_somebody_elses_session_is_not_there() -> None:
    other, ann = signed_in("somebody else"), signed_in("ann")

    for session_id in (other.session_id, uuid4()):
        with pytest.raises(NotFound, match="ended already"):
            within(accounts.sign_out_elsewhere, viewer=ann, session_id=session_id)

    assert runs(other)


@pytest.mark.parametrize(
    ("said", "called"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("curl/8.1", "curl"),
        ("", "An unknown program"),
        ("x" * 400, "An unknown program"),
        ("<script>alert(1)</script>", "An unknown program"),
    ],
)
def test_a_browser_is_called_what_people_call_it(said: str, called: str) -> None:
    assert device(said) == called
