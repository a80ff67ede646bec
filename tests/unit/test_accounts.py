"""What groups, languages, cookies and rules come to."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.config import settings
from app.errors import NotAllowed, NotSignedIn
from app.models.accounts import ROLE_PERMISSIONS, Permission, Role
from app.services.accounts import CATALOGUE, EVERYBODY, Access, cookie_in
from app.services.accounts.locales import chosen_locale
from app.services.accounts.roles import (
    effective_roles,
    permissions_of,
    roles_from,
    service_viewer,
)
from app.views.accounts import Viewer
from state.session import initials

BUYER = Viewer(
    person_id=uuid4(),
    session_id=uuid4(),
    name="Bea Meyer",
    email="bea@company.example",
    roles=("buyer",),
    permissions=ROLE_PERMISSIONS[Role.BUYER],
    locale="en",
)


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        (["buyer"], ["buyer"]),
        (["staff", "anythingyouwantt-admin"], ["admin"]),
        (["operator", "anythingyouwantt-operator", "buyer"], ["buyer", "operator"]),
    ],
)
def test_a_group_grants_the_role_it_is_named_after(groups: list[str], roles: list[str]) -> None:
    assert roles_from(groups) == roles


@pytest.mark.parametrize(
    "groups",
    [
        [],
        ["staff"],
        ["Buyer"],
        ["other-buyer"],
        ["buyer "],
        ["service", "anythingyouwantt-service"],
    ],
)
def test_other_groups_grant_nothing(groups: list[str]) -> None:
    assert roles_from(groups) == []


@pytest.mark.parametrize(
    ("by_provider", "given", "withheld", "roles"),
    [
        (["buyer"], [], [], ["buyer"]),
        (["buyer"], ["admin"], [], ["buyer", "admin"]),
        (["buyer", "admin"], [], ["admin"], ["buyer"]),
        ([], ["operator", "buyer"], [], ["buyer", "operator"]),
        (["buyer"], [], ["buyer", "operator"], []),
        (["service"], ["service"], [], []),
    ],
)
def test_what_is_given_and_withheld_counts_beside_what_the_provider_grants(
    by_provider: list[str], given: list[str], withheld: list[str], roles: list[str]
) -> None:
    assert effective_roles(by_provider=by_provider, given=given, withheld=withheld) == roles


def test_a_service_keeps_the_program_going_and_owns_nothing() -> None:
    service = service_viewer("worker")

    assert service.is_service
    assert service.may(Permission.FEED_SYNC)
    assert service.may(Permission.PERSON_CHANGE)
    assert not service.permissions & ROLE_PERMISSIONS[Role.BUYER]
    assert not BUYER.is_service


def test_the_role_of_services_allows_a_person_nothing() -> None:
    assert permissions_of(("service",)) == frozenset()


def test_a_role_that_is_no_more_allows_nothing() -> None:
    assert permissions_of(("auditor",)) == frozenset()
    assert (
        permissions_of(
            (
                "auditor",
                "buyer",
            )
        )
        == ROLE_PERMISSIONS[Role.BUYER]
    )


@pytest.mark.parametrize(
    ("said", "languages", "locale"),
    [
        ("de-AT", "fr", "de_AT"),
        ("pt_BR", "", "pt_BR"),
        ("", "fr-CA,en;q=0.5", "fr_CA"),
        ("", "en;q=0.2, nl;q=0.9", "nl"),
        ("xx", "zz, *;q=0.1", "en"),
        ("", "sv;q=high, da", "da"),
        ("root", "", "en"),
        ("", "", "en"),
    ],
)
def test_the_locale_is_one_that_can_be_formatted_with(
    said: str, languages: str, locale: str
) -> None:
    assert chosen_locale(said, languages) == locale


@given(st.text(max_size=40), st.text(max_size=80))
def test_whatever_is_said_a_locale_comes_of_it(said: str, languages: str) -> None:
    assert Locale.parse(chosen_locale(said, languages))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("session=abc", "abc"),
        ("a=1; session=abc ; b=2", "abc"),
        ("session-other=x; xsession=y", ""),
        ("session", ""),
        ("", ""),
        ("session=a=b", "a=b"),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(header: str, value: str) -> None:
    assert cookie_in(header, "session") == value


def test_a_rule_tells_nobody_from_the_wrong_person() -> None:
    rule = Access(Permission.ORDER_RETRY)

    with pytest.raises(NotSignedIn):
        rule.check(None)
    with pytest.raises(NotAllowed):
        rule.check(BUYER)
    rule.check(replace(BUYER, permissions=frozenset({Permission.ORDER_RETRY})))


def test_everybody_is_everybody() -> None:
    EVERYBODY.check(None)
    EVERYBODY.check(BUYER)


def test_a_closed_catalogue_is_for_those_who_are_signed_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    CATALOGUE.check(None)
    with monkeypatch.context() as patch:
        patch.setenv("PUBLIC_CATALOGUE", "off")
        settings.cache_clear()
        CATALOGUE.check(BUYER)
        with pytest.raises(NotSignedIn):
            CATALOGUE.check(None)
    settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Bea Meyer", "BM"), ("Bea Anna Meyer", "BM"), ("bea", "B"), ("", ""), ("  ", "")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
