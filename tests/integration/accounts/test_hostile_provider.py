"""What a provider, or somebody in its place, may not get away with."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import func, select

from app.integrations.identity import identity_provider
from app.models.accounts import PersonSession
from app.services import accounts
from app.work import open_work
from tests.integration.accounts.provider import CLIENT_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.accounts.provider import Browser, TwistedProvider

UNTRUSTED = "cannot be trusted"
SPOILT_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "another nonce": ({"nonce": "replayed"}, UNTRUSTED),
    "no nonce": ({"nonce": None}, UNTRUSTED),
    "another program's": ({"aud": "another-program"}, UNTRUSTED),
    "for us and another, on behalf of the other": (
        {"aud": ["anythingyouwantt", "another-program"], "azp": "another-program"},
        UNTRUSTED,
    ),
    "for us, on behalf of another": ({"azp": "another-program"}, UNTRUSTED),
    "no audience": ({"aud": None}, UNTRUSTED),
    "another issuer's": ({"iss": "https://evil.example"}, UNTRUSTED),
    "no issuer": ({"iss": None}, UNTRUSTED),
    "expired": ({"exp": int(time.time()) - 3600}, UNTRUSTED),
    "expired for more than clocks differ": ({"exp": int(time.time()) - 90}, UNTRUSTED),
    "without an end": ({"exp": None}, UNTRUSTED),
    "from tomorrow": ({"iat": int(time.time()) + 86400}, UNTRUSTED),
    "not valid yet": ({"nbf": int(time.time()) + 86400}, UNTRUSTED),
    "an empty subject": ({"sub": ""}, "who you are"),
    "a blank subject": ({"sub": "  "}, "who you are"),
    "a number for a subject": ({"sub": 7}, UNTRUSTED),
    "no e-mail address": ({"email": None}, "does not tell your e-mail"),
    "a list of addresses": ({"email": ["a@b.example"]}, "does not tell your e-mail"),
    "an address with a header in it": (
        {"email": "a@b.example\r\nBcc: all@b.example"},
        "does not tell your e-mail",
    ),
    "two addresses in one": ({"email": "a@b.example,c@d.example"}, "does not tell your e-mail"),
    "an unverified address": ({"email_verified": False}, "not verified"),
    "the word true": ({"email_verified": "true"}, "not verified"),
    "nothing about verification": ({"email_verified": None}, "not verified"),
    "groups as one text": ({"groups": "buyer"}, "groups in a form"),
    "groups as numbers": ({"groups": [1, 2]}, "groups in a form"),
    "groups as an object": ({"groups": {"buyer": True}}, "groups in a form"),
    "more groups than fit into a token": (
        {"groups": None, "_claim_names": {"groups": "src1"}},
        "in more groups than",
    ),
    "groups inside a text": ({"groups": {"roles": "buyer"}}, "groups in a form"),
    "no groups": ({"groups": None}, "none of the groups"),
}


def changed(changes: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Return what writes `changes` into claims; None takes a claim out."""

    def change(claims: dict[str, Any]) -> None:
        claims.update(changes)
        for name in [name for name, value in changes.items() if value is None]:
            del claims[name]

    return change


def nobody_is_signed_in(browser: Browser) -> bool:
    with open_work() as work:
        rows = work.session.scalar(select(func.count()).select_from(PersonSession))
    return rows == 0 and accounts.session_cookie() not in browser.web.cookies


@pytest.mark.parametrize(
    ("changes", "said"), SPOILT_CLAIMS.values(), ids=list(SPOILT_CLAIMS.keys())
)
async def test_a_token_that_says_something_wrong_is_refused(
    browser: Browser, provider: TwistedProvider, changes: dict[str, Any], said: str
) -> None:
    provider.twist_claims = changed(changes)

    answer = await browser.sign_in()

    assert answer.status_code == 403
    assert said in answer.text
    assert "Try again" in answer.text
    assert nobody_is_signed_in(browser)


def unsigned(claims: dict[str, Any], alg: str = "none") -> str:
    return ".".join(coded(json.dumps(part).encode()) for part in ({"alg": alg}, claims))


def coded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _with_public_key(provider: TwistedProvider, claims: dict[str, Any]) -> str:
    """Sign as an HS256 token whose secret is what everybody knows: the public key."""
    body = unsigned(claims, alg="HS256")
    secret = provider.key.as_pem(private=False)
    return f"{body}.{coded(hmac.digest(secret, body.encode(), 'sha256'))}"


def _with_its_key(claims: dict[str, Any]) -> str:
    key = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)


def _with_other_claims(token: str, claims: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{unsigned(claims).split('.')[1]}.{signature}"


FORGERIES: dict[str, Callable[[TwistedProvider, dict[str, Any]], object]] = {
    "not signed": lambda _, claims: f"{unsigned(claims)}.",
    "signed with the client's secret": lambda _, claims: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET)
    ),
    "signed with the public key as a secret": _with_public_key,
    "signed by somebody else": lambda provider, claims: jwt.encode(
        {"alg": "ES256", "kid": provider.key.kid}, claims, ECKey.generate_key("P-256")
    ),
    "signed with a key it brings along": lambda _, claims: _with_its_key(claims),
    "changed after signing": lambda provider, claims: _with_other_claims(
        jwt.encode({"alg": "ES256", "kid": provider.key.kid}, claims, provider.key),
        {**claims, "sub": "somebody-else"},
    ),
    "half a token": lambda *_: "eyJhbGciOiJFUzI1NiJ9.e30",
    "no token but a number": lambda *_: 7,
    "an empty token": lambda *_: "",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=list(FORGERIES.keys()))
@pytest.mark.filterwarnings("ignore:JWS algorithm:Warning")
async def test_a_forged_token_is_refused(
    browser: Browser,
    provider: TwistedProvider,
    forge: Callable[[TwistedProvider, dict[str, Any]], object],
) -> None:
    provider.signs = lambda claims: forge(provider, claims)  # pyright: ignore[reportAttributeAccessIssue] - some forgeries are no text

    answer = await browser.sign_in()

    assert answer.status_code == 403
    assert UNTRUSTED in answer.text
    assert nobody_is_signed_in(browser)


async def test_an_answer_without_an_id_token_is_refused(
    browser: Browser, provider: TwistedProvider
) -> None:
    provider.twist_answer = lambda answer: answer.pop("id_token")

    answer = await browser.sign_in()

    assert answer.status_code == 403
    assert nobody_is_signed_in(browser)


@pytest.mark.parametrize("name", ["id_token", "access_token"])
async def test_a_token_of_five_megabytes_is_not_read(
    browser: Browser, provider: TwistedProvider, name: str
) -> None:
    provider.twist_answer = lambda answer: answer.update({name: "x" * 5_000_000})

    answer = await browser.sign_in()

    assert answer.status_code == 503
    assert nobody_is_signed_in(browser)


async def test_userinfo_of_somebody_else_is_refused(
    browser: Browser, provider: TwistedProvider
) -> None:
    provider.twist_claims = changed({"groups": None})
    provider.user_info = {"sub": "somebody-else", "groups": ["admin"]}

    answer = await browser.sign_in()

    assert answer.status_code == 403
    assert UNTRUSTED in answer.text
    assert nobody_is_signed_in(browser)


@pytest.mark.parametrize(
    "said",
    [{"email": ["a@b.example"], "email_verified": True}, {"email": "a@b.example"}],
    ids=["a list of addresses", "an unverified address"],
)
async def test_userinfo_is_held_to_the_same_rules(
    browser: Browser, provider: TwistedProvider, said: dict[str, Any]
) -> None:
    provider.user_info = {"sub": "none yet"}

    def move(claims: dict[str, Any]) -> None:
        # What the token says of its own address must not vouch for userinfo's.
        del claims["email"]
        provider.user_info = {"sub": claims["sub"], **said}

    provider.twist_claims = move

    answer = await browser.sign_in()

    assert answer.status_code == 403
    assert nobody_is_signed_in(browser)


@pytest.mark.parametrize("said", [b"[]", b"not JSON", b"{" + b" " * 2_000_000 + b"}"], ids=len)
async def test_userinfo_that_cannot_be_read_signs_nobody_in(
    browser: Browser, provider: TwistedProvider, said: bytes
) -> None:
    provider.twist_claims = changed({"groups": None})
    provider.user_info = said

    answer = await browser.sign_in()

    assert answer.status_code == 503
    assert nobody_is_signed_in(browser)


@pytest.mark.parametrize("added", ["&iss=https://evil.example", ""], ids=["another", "nobody"])
async def test_an_answer_of_another_provider_is_refused(
    browser: Browser, provider: TwistedProvider, added: str
) -> None:
    provider.twist_discovery = lambda said: said.update(
        authorization_response_iss_parameter_supported=True
    )
    back = await browser.choose(await browser.begin(), person="buyer")

    answer = await browser.come_back(back + added)

    assert answer.status_code == 403
    assert UNTRUSTED in answer.text
    assert nobody_is_signed_in(browser)


async def test_another_provider_is_refused_although_ours_never_says_who_it_is(
    browser: Browser,
) -> None:
    back = await browser.choose(await browser.begin(), person="buyer")

    answer = await browser.come_back(f"{back}&iss=https://evil.example")

    assert answer.status_code == 403
    assert nobody_is_signed_in(browser)


async def test_made_up_keys_are_asked_for_once(
    browser: Browser, provider: TwistedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long three sign-ins take.
    monkeypatch.setattr("app.integrations.identity.issuer.ASK_AGAIN_SECONDS", 10_000)
    key = ECKey.generate_key("P-256")
    provider.signs = lambda claims: jwt.encode({"alg": "ES256", "kid": "made up"}, claims, key)
    before = provider.keys_read

    answers = [await browser.sign_in() for _ in range(3)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    # Once to know them, once more because of the name.
    assert provider.keys_read - before == 2
    assert nobody_is_signed_in(browser)


async def test_a_provider_that_goes_away_in_the_middle_is_said(
    browser: Browser, provider: TwistedProvider
) -> None:
    def break_down(_answer: dict[str, Any]) -> None:
        raise RuntimeError("the provider breaks down")

    provider.twist_answer = break_down
    back = await browser.choose(await browser.begin(), person="buyer")

    answer = await browser.come_back(back)

    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert nobody_is_signed_in(browser)


async def test_a_new_key_of_the_provider_is_learnt(
    browser: Browser, provider: TwistedProvider
) -> None:
    assert (await browser.sign_in()).status_code == 303
    before, provider.key = (
        provider.key,
        ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True),
    )
    try:
        answer = await browser.sign_in()
    finally:
        provider.key = before

    assert answer.status_code == 303


async def test_a_provider_that_calls_itself_something_else_is_not_spoken_to(
    browser: Browser, provider: TwistedProvider
) -> None:
    issuer, provider.issuer = provider.issuer, "https://evil.example"
    try:
        identity_provider.cache_clear()
        answer = await browser.web.get("/auth/login")
    finally:
        provider.issuer = issuer

    assert answer.status_code == 503
    assert "not the one this program is set up for" in answer.text
