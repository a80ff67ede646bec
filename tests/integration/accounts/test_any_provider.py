"""What providers do differently from each other, and all of which lets their people in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette
from starlette.routing import Mount

from app.config import settings
from app.integrations.identity import identity_provider
from app.models.accounts import Person
from app.work import open_work
from tests.integration.accounts.provider import CLIENT_SECRET, free_port, serving, twisted

if TYPE_CHECKING:
    from collections.abc import Callable

    from joserfc.jwk import Key

    from tests.integration.accounts.provider import Browser, TwistedProvider

SIGNED_IN = 303


def people() -> list[Person]:
    with open_work() as work:
        return list(work.session.scalars(select(Person).order_by(col(Person.created_at))))


def said_only_in_userinfo(provider: TwistedProvider, *names: str, **said: object) -> None:
    """Move claims out of the id token; userinfo says `said` of the same subject."""

    def move(claims: dict[str, Any]) -> None:
        for name in names:
            claims.pop(name)
        provider.user_info = {"sub": claims["sub"], **said}

    provider.user_info = {}
    provider.twist_claims = move


SIGNATURES: dict[str, Callable[[], Key]] = {
    "RS256": lambda: RSAKey.generate_key(2048, auto_kid=True),
    "RS512": lambda: RSAKey.generate_key(2048, auto_kid=True),
    "PS256": lambda: RSAKey.generate_key(2048, auto_kid=True),
    "ES384": lambda: ECKey.generate_key("P-384", auto_kid=True),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519", auto_kid=True),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519", auto_kid=True),
}


@pytest.mark.parametrize("algorithm", SIGNATURES)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated:Warning")
async def test_tokens_are_signed_in_every_usual_way(
    browser: Browser, provider: TwistedProvider, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = SIGNATURES[algorithm]()
    monkeypatch.setattr(provider, "key", key)
    provider.signs = lambda claims: jwt.encode(
        {"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm]
    )

    assert (await browser.sign_in()).status_code == SIGNED_IN


async def test_a_key_without_a_name_is_found_where_it_is_the_only_one(
    browser: Browser, provider: TwistedProvider
) -> None:
    provider.signs = lambda claims: jwt.encode({"alg": "ES256"}, claims, provider.key)

    assert (await browser.sign_in()).status_code == SIGNED_IN


async def test_a_kind_of_key_nobody_knows_is_no_hindrance(
    browser: Browser, provider: TwistedProvider
) -> None:
    provider.other_keys = [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AAAA"}]

    assert (await browser.sign_in()).status_code == SIGNED_IN


@pytest.mark.parametrize("seconds", [{"exp": -30}, {"iat": 50}, {"nbf": 50}], ids=str)
async def test_clocks_may_differ_by_a_minute(
    browser: Browser, provider: TwistedProvider, seconds: dict[str, int]
) -> None:
    provider.twist_claims = lambda claims: claims.update(
        {name: int(time.time()) + offset for name, offset in seconds.items()}
    )

    assert (await browser.sign_in()).status_code == SIGNED_IN


async def test_an_address_may_stand_in_userinfo_only(
    browser: Browser, provider: TwistedProvider
) -> None:
    said_only_in_userinfo(
        provider,
        "email",
        "email_verified",
        email="buyer@elsewhere.example",
        email_verified=True,
        groups=["admin"],
    )

    assert (await browser.sign_in()).status_code == SIGNED_IN
    assert [(person.email, person.roles) for person in people()] == [
        # What the signed token says counts before what userinfo says.
        ("buyer@elsewhere.example", ["buyer"])
    ]


async def test_groups_may_stand_in_userinfo_only(
    browser: Browser, provider: TwistedProvider
) -> None:
    said_only_in_userinfo(provider, "groups", groups=["operator"])

    assert (await browser.sign_in()).status_code == SIGNED_IN
    assert people()[0].roles == ["operator"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["buyer", "offline_access"]}}),
        ("https://acme.example/groups", {"https://acme.example/groups": ["buyer"]}),
    ],
)
async def test_groups_stand_where_the_settings_say(
    browser: Browser,
    provider: TwistedProvider,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    said: dict[str, Any],
) -> None:
    monkeypatch.setenv("EXTERNAL_AUTH_GROUPS_CLAIM", name)
    settings.cache_clear()
    identity_provider.cache_clear()

    def move(claims: dict[str, Any]) -> None:
        claims.pop("groups")
        claims.update(said)

    provider.twist_claims = move

    assert (await browser.sign_in()).status_code == SIGNED_IN
    assert people()[0].roles == ["buyer"]


async def test_a_provider_that_never_speaks_of_verification_can_be_trusted(
    browser: Browser, provider: TwistedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTERNAL_AUTH_TRUSTS_EMAILS", "true")
    settings.cache_clear()
    identity_provider.cache_clear()
    provider.twist_claims = lambda claims: claims.pop("email_verified")
    assert (await browser.sign_in()).status_code == SIGNED_IN

    provider.twist_claims = lambda claims: claims.update(email_verified=False)
    assert (await browser.sign_in()).status_code == 403


async def test_a_subject_is_whatever_the_provider_likes(
    browser: Browser, provider: TwistedProvider
) -> None:
    subject = "oidc|Ünï/ß=" + "x" * 200
    provider.twist_claims = lambda claims: claims.update(sub=subject)

    assert (await browser.sign_in()).status_code == SIGNED_IN
    assert people()[0].subject == subject


async def test_an_address_of_somebody_else_does_not_take_over_their_account(
    new_browser: Callable[[], Browser], provider: TwistedProvider
) -> None:
    assert (await new_browser().sign_in()).status_code == SIGNED_IN
    provider.twist_claims = lambda claims: claims.update(sub="somebody-else", name="Mallory")
    assert (await new_browser().sign_in()).status_code == SIGNED_IN

    before, after = people()
    assert before.email == after.email
    assert before.id != after.id
    assert before.name != "Mallory"


async def test_a_name_with_markup_is_a_name(browser: Browser, provider: TwistedProvider) -> None:
    provider.twist_claims = lambda claims: claims.update(name="<b onclick=x>Ann</b>")

    assert (await browser.sign_in()).status_code == SIGNED_IN
    assert people()[0].name == "<b onclick=x>Ann</b>"


async def test_a_provider_that_wants_its_secret_in_the_form_gets_it_there(
    browser: Browser, provider: TwistedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers: list[str] = []
    monkeypatch.setattr(
        "app.embedded.identity.provider.check_client", lambda _, header: headers.append(header)
    )
    provider.twist_discovery = lambda said: said.update(
        token_endpoint_auth_methods_supported=["client_secret_post"]
    )

    assert (await browser.sign_in()).status_code == SIGNED_IN
    assert headers == [""]
    assert provider.sent["client_secret"] == CLIENT_SECRET


async def test_an_answer_may_say_whose_it_is(browser: Browser, provider: TwistedProvider) -> None:
    provider.twist_discovery = lambda said: said.update(
        authorization_response_iss_parameter_supported=True
    )
    back = await browser.choose(await browser.begin(), person="buyer")

    answer = await browser.come_back(f"{back}&iss={provider.issuer}")

    assert answer.status_code == SIGNED_IN


async def test_an_issuer_may_have_a_path(
    new_browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    provider = twisted(port, key, path="/realms/acme")
    with serving(Starlette(routes=[Mount("/realms/acme", routes=provider.routes())]), port):
        monkeypatch.setenv("EXTERNAL_AUTH_DOMAIN", provider.issuer)
        settings.cache_clear()
        identity_provider.cache_clear()

        answer = await new_browser().sign_in()

    assert answer.status_code == SIGNED_IN
    assert people()[0].issuer == provider.issuer
