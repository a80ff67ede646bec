"""People whom an administrator or an operator has added, and links that are printed for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from app.cli.user import cli
from app.config import settings
from app.errors import BadInput, Conflict, Misconfigured, NotAllowed
from app.integrations.ports import Identity
from app.models.accounts import Person
from app.services import accounts
from app.services.accounts import links
from app.work import within
from tests.integration.accounts.test_links import (
    ANN,
    OPERATOR,
    add,
    carry_out,
    count,
    mails,
    press,
    who,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.accounts.provider import Browser

pytestmark = pytest.mark.usefixtures("database", "by_links")


async def test_a_printed_link_makes_the_first_administrator(
    open_browser: Callable[[], Browser],
) -> None:
    browser = open_browser()
    printed = CliRunner().invoke(cli, ["link", "Boss@Shop.example", "--role", "admin"])

    assert printed.exit_code == 0, printed.output
    (path,) = re.findall(r"/auth/link\?token=[\w-]+", printed.output)
    assert (await press(browser, path)).status_code == 303
    person = who(browser)
    assert person is not None
    assert (person.email, person.name, person.roles) == ("boss@shop.example", "boss", ("admin",))
    assert (await browser.web.get(path)).status_code == 403


def test_a_link_for_somebody_who_is_known_keeps_what_is_not_said() -> None:
    add(role="operator")
    run = CliRunner().invoke

    assert run(cli, ["link", ANN]).exit_code == 0
    assert run(cli, ["list"]).output.split()[:2] == [ANN, "operator"]
    assert run(cli, ["link", ANN, "--role=buyer", "--name=Ann Other"]).exit_code == 0
    assert "buyer" in (listed := run(cli, ["list"]).output)
    assert "operator" not in listed
    assert "Ann Other" in listed


def test_where_links_are_off_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_IN_LINKS", "false")
    settings.cache_clear()

    with pytest.raises(Misconfigured, match="SIGN_IN_LINKS"):
        CliRunner().invoke(cli, ["link", ANN, "--role", "admin"], catch_exceptions=False)
    with pytest.raises(Conflict, match="SIGN_IN_LINKS"):
        within(accounts.invite_person, administrator=OPERATOR, email=ANN, name="", roles=["buyer"])
    assert count(Person) == 0


async def test_whoever_is_invited_is_told_where_to_sign_in() -> None:
    within(accounts.invite_person, administrator=OPERATOR, email=ANN, name="", roles=["buyer"])
    carry_out()

    (mail,) = mails()
    assert mail.recipient == ANN
    assert f"{settings().public_url}/auth/login" in mail.text
    assert "token" not in mail.text
    with pytest.raises(Conflict, match="added already"):
        within(accounts.invite_person, administrator=OPERATOR, email=ANN, name="", roles=["buyer"])


@pytest.mark.parametrize("email", ["", "ann", "Ann <ann@shop.example>", "a@b.c\nBcc: d@e.f"])
def test_what_is_no_address_is_not_added(email: str) -> None:
    with pytest.raises(BadInput):
        add(email)


def test_only_an_administrator_adds_people() -> None:
    add("op@shop.example", role="operator")
    identity = Identity(
        issuer=links.LINK_ISSUER,
        subject="op@shop.example",
        email="op@shop.example",
        name="Op",
        groups=(),
        locale="",
        id_token="",
    )
    opened = within(accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser())
    operator = within(accounts.who_is_asking, token=opened.token)
    assert operator is not None

    for use_case in (accounts.add_person, accounts.invite_person):
        with pytest.raises(NotAllowed):
            within(use_case, administrator=operator, email=ANN, name="", roles=["admin"])
    # Neither as somebody who is known already.
    with pytest.raises(NotAllowed):
        within(
            accounts.print_link,
            administrator=operator,
            email="op@shop.example",
            name="",
            roles=[],
        )


def test_nobody_is_given_half_a_name() -> None:
    add()
    with pytest.raises(BadInput, match="200 characters"):
        within(accounts.print_link, administrator=OPERATOR, email=ANN, name="n" * 201, roles=[])
