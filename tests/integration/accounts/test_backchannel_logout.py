"""The provider ends a sign-in behind the browser's back; nobody else can."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import func, select
from sqlmodel import col

from app.config import settings
from app.embedded.identity.people import DEMO_PEOPLE
from app.integrations.identity import identity_provider
from app.models.accounts import PersonSession
from app.services import accounts
from app.work import open_work, reading
from tests.integration.accounts.provider import CLIENT_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from tests.integration.accounts.provider import Browser, TwistedProvider

EVENT = "http://schemas.openid.net/event/backchannel-logout"
PATH = "/auth/backchannel-logout"


def logout_claims(provider: TwistedProvider, **changes: object) -> dict[str, Any]:
    """Return the claims of a proper logout token, changed; None takes a claim out."""
    moment = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": CLIENT_ID,
        "iat": moment,
        "exp": moment + 120,
        "jti": "one",
        "events": {EVENT: {}},
        "sid": "sign-in-1",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(provider: TwistedProvider, claims: dict[str, Any], key: ECKey | None = None) -> str:
    return jwt.encode({"alg": "ES256", "kid": provider.key.kid}, claims, key or provider.key)


async def tell(browser: Browser, token: str) -> httpx2.Response:
    """Send a logout token as the provider does: a form, no cookies of anybody, no origin."""
    return await browser.web.post(PATH, data={"logout_token": token})


async def signed_in(browser: Browser, provider: TwistedProvider, sid: str) -> str:
    """Sign in under a name of the provider's; returns the session's token."""
    provider.twist_claims = lambda claims: claims.update(sid=sid)
    assert (await browser.sign_in()).status_code == 303
    return browser.web.cookies[accounts.session_cookie()]


def is_signed_in(token: str) -> bool:
    return reading(accounts.who_is_asking, token=token) is not None


def sessions() -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(PersonSession)) or 0


async def test_one_sign_in_ends_and_the_others_go_on(
    new_browser: Callable[[], Browser], provider: TwistedProvider
) -> None:
    first = await signed_in(new_browser(), provider, "sign-in-1")
    second = await signed_in(new_browser(), provider, "sign-in-2")

    answer = await tell(new_browser(), signed(provider, logout_claims(provider)))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert (is_signed_in(first), is_signed_in(second)) == (False, True)


async def test_a_subject_without_a_sign_in_means_all_of_theirs(
    new_browser: Callable[[], Browser], provider: TwistedProvider
) -> None:
    await signed_in(new_browser(), provider, "sign-in-1")
    await signed_in(new_browser(), provider, "sign-in-2")
    provider.twist_claims = lambda claims: claims.update(sub="somebody-else")
    assert (await new_browser().sign_in()).status_code == 303

    claims = logout_claims(provider, sid=None, sub=DEMO_PEOPLE["buyer"].subject)
    answer = await tell(new_browser(), signed(provider, claims))

    assert answer.status_code == 200
    assert sessions() == 1


WRONG: dict[str, dict[str, object]] = {
    "another issuer's": {"iss": "https://evil.example"},
    "for another program": {"aud": "another-program"},
    "for nobody": {"aud": None},
    "no event": {"events": None},
    "another event": {"events": {"https://elsewhere.example/event": {}}},
    "an event that is no object": {"events": {EVENT: "yes"}},
    "an id token's nonce": {"nonce": "n"},
    "no name of its own": {"jti": None},
    "without a beginning": {"iat": None},
    "the word now": {"iat": "now"},
    "true for a moment": {"iat": True},
    "from yesterday": {"iat": int(time.time()) - 86400, "exp": None},
    "from tomorrow": {"iat": int(time.time()) + 86400},
    "expired": {"exp": int(time.time()) - 90},
    "of nobody": {"sid": None},
    "of a number": {"sid": 7},
    "of a list of people": {"sid": None, "sub": ["a", "b"]},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=list(WRONG))
async def test_a_token_that_says_something_wrong_ends_nothing(
    new_browser: Callable[[], Browser], provider: TwistedProvider, changes: dict[str, object]
) -> None:
    token = await signed_in(new_browser(), provider, "sign-in-1")

    answer = await tell(new_browser(), signed(provider, logout_claims(provider, **changes)))

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert is_signed_in(token)


async def test_only_the_provider_can_sign_it(
    new_browser: Callable[[], Browser], provider: TwistedProvider
) -> None:
    token = await signed_in(new_browser(), provider, "sign-in-1")
    forged = signed(provider, logout_claims(provider), ECKey.generate_key("P-256"))

    for sent in (forged, "half.a.token", "", "x" * 200_000):
        answer = await tell(new_browser(), sent)
        assert answer.status_code in {400, 422}
    assert is_signed_in(token)


async def test_an_id_token_is_no_logout_token(
    new_browser: Callable[[], Browser], provider: TwistedProvider
) -> None:
    token = await signed_in(new_browser(), provider, "sign-in-1")
    with open_work() as work:
        id_token = work.session.scalar(select(col(PersonSession.id_token)))

    answer = await tell(new_browser(), str(id_token))

    assert answer.status_code == 400
    assert is_signed_in(token)


async def test_one_that_is_sent_again_does_not_end_a_later_sign_in(
    new_browser: Callable[[], Browser], provider: TwistedProvider
) -> None:
    claims = logout_claims(provider, iat=int(time.time()) - 120)
    sent = signed(provider, claims)
    later = await signed_in(new_browser(), provider, "sign-in-1")

    answer = await tell(new_browser(), sent)

    assert answer.status_code == 200
    assert is_signed_in(later)


async def test_while_the_provider_is_away_nothing_ends(
    new_browser: Callable[[], Browser], provider: TwistedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await signed_in(new_browser(), provider, "sign-in-1")
    sent = signed(provider, logout_claims(provider))
    monkeypatch.setenv("EXTERNAL_AUTH_DOMAIN", "http://localhost:9")
    settings.cache_clear()
    identity_provider.cache_clear()

    answer = await tell(new_browser(), sent)

    assert answer.status_code == 503
    assert is_signed_in(token)
