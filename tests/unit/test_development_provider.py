"""The development provider is as strict as a real one, and never stands in for one."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
import pytest_asyncio
from joserfc import jwt

from app.config import PROJECT_ROOT, load_settings
from app.embedded.identity.__main__ import client_of, issuer_of
from app.embedded.identity.checks import Client
from app.embedded.identity.keys import load_key
from app.embedded.identity.provider import Provider, create_provider
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ISSUER = "http://localhost:8461"
BACK = "http://localhost:8000/auth/callback"
HOME = "http://localhost:8000/"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
ASKED = {
    "response_type": "code",
    "client_id": "shop",
    "redirect_uri": BACK,
    "scope": "openid email",
    "state": "s",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    client = Client("shop", "a:secret%", frozenset({BACK}), frozenset({HOME}))
    return Provider(issuer=ISSUER, client=client, key=load_key(tmp_path))


@pytest_asyncio.fixture
async def visitor(provider: Provider) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_provider(provider))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


async def code_for(visitor: httpx2.AsyncClient, person: str = "buyer") -> str:
    answer = await visitor.post("/authorize", data={**ASKED, "person": person})
    said = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert said["state"] == "s"
    return said["code"]


async def redeem(visitor: httpx2.AsyncClient, code: str, **changes: str) -> httpx2.Response:
    secret = changes.pop("secret", "a%3Asecret%25")
    pair = base64.b64encode(f"shop:{secret}".encode()).decode()
    return await visitor.post(
        "/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            **changes,
        },
        headers={"Authorization": f"Basic {pair}"},
    )


async def test_it_says_who_was_chosen(visitor: httpx2.AsyncClient, provider: Provider) -> None:
    answer = await redeem(visitor, await code_for(visitor, "admin"))

    token = jwt.decode(answer.json()["id_token"], provider.key, algorithms=["ES256"])
    claims = token.claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "shop", "n")
    assert (claims["groups"], claims["email_verified"]) == (["admin"], True)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"scope": "email"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_request_that_is_not_right_leads_nowhere(
    visitor: httpx2.AsyncClient, method: str, changes: dict[str, str]
) -> None:
    asked = {**ASKED, **changes}
    answer = await (
        visitor.get("/authorize", params=asked)
        if method == "GET"
        else visitor.post("/authorize", data={**asked, "person": "buyer"})
    )

    assert answer.status_code == 400
    assert "Cannot sign in" in answer.text
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": HOME}, "invalid_grant"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"secret": "guessed"}, "invalid_client"),
    ],
)
async def test_a_code_is_for_who_asked_for_it(
    visitor: httpx2.AsyncClient, changes: dict[str, str], error: str
) -> None:
    code = changes.pop("code", None) or await code_for(visitor)

    answer = await redeem(visitor, code, **changes)

    assert answer.json() == {"error": error}
    assert answer.status_code in {400, 401}


async def test_a_code_works_once_and_not_for_long(
    visitor: httpx2.AsyncClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await code_for(visitor)
    assert (await redeem(visitor, code)).status_code == 200
    assert (await redeem(visitor, code)).json() == {"error": "invalid_grant"}

    monkeypatch.setattr("app.embedded.identity.provider.CODE_SECONDS", -1)
    late = await code_for(visitor)
    assert (await redeem(visitor, late)).json() == {"error": "invalid_grant"}
    await code_for(visitor)
    assert len(provider.grants) == 1


async def test_a_person_without_a_name_is_asked_for_it(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.post("/authorize", data={**ASKED, "email": "kim@company.example"})

    assert answer.status_code == 422
    assert "Give a name" in answer.text
    assert "kim@company.example" in answer.text


async def test_what_is_typed_is_text(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get(
        "/authorize", params={**ASKED, "state": '"><script>alert(1)</script>'}
    )

    assert "<script>" not in answer.text


async def test_it_signs_out_to_known_addresses_only(visitor: httpx2.AsyncClient) -> None:
    hint = (await redeem(visitor, await code_for(visitor))).json()["id_token"]
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": HOME}

    known = await visitor.get("/end-session", params=asked)
    unknown = await visitor.get("/end-session", params={**asked, "post_logout_redirect_uri": BACK})
    unhinted = await visitor.get("/end-session", params={**asked, "id_token_hint": "x.y.z"})

    assert known.headers["location"] == HOME
    assert [unknown.status_code, unhinted.status_code] == [400, 400]


def test_the_key_outlives_a_restart_and_is_its_owners(tmp_path: Path) -> None:
    first = load_key(tmp_path / "identity")

    assert load_key(tmp_path / "identity").kid == first.kid
    assert (tmp_path / "identity" / "signing-key.json").stat().st_mode & 0o077 == 0


def test_a_broken_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "signing-key.json").write_text("{")

    with pytest.raises(Misconfigured, match="not a signing key"):
        load_key(tmp_path)


def test_it_is_the_issuer_of_the_settings_or_none() -> None:
    assert issuer_of(load_settings(external_auth_domain=ISSUER), 8461) == ISSUER
    for other in ("https://sign-in.example", "http://127.0.0.2:8461", "http://localhost:8462"):
        with pytest.raises(Misconfigured, match="EXTERNAL_AUTH_DOMAIN"):
            issuer_of(load_settings(external_auth_domain=other), 8461)


def test_it_needs_a_secret() -> None:
    with pytest.raises(Misconfigured, match="EXTERNAL_AUTH_CLIENT_SECRET"):
        client_of(load_settings(), [])


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_it_does_not_start_where_real_people_sign_in(tmp_path: Path, environment: str) -> None:
    own = {
        "APP_ENV": environment,
        "APP_URL": "https://shop.example",
        "DATABASE_URL": "postgresql://a:b@localhost/c",
        "REDIS_URL": "redis://localhost",
        "OBJECT_STORAGE_ENDPOINT": "http://localhost",
        "OBJECT_STORAGE_ACCESS_KEY": "a",
        "OBJECT_STORAGE_SECRET_KEY": "a",
        "EXTERNAL_AUTH_DOMAIN": ISSUER,
        "EXTERNAL_AUTH_CLIENT_SECRET": "a",
        "SENDGRID_API_KEY": "a",
        "SESSION_SECRET": "a secret of sixteen",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "app.embedded.identity", "--port=8461", f"--data-dir={tmp_path}"],
        cwd=PROJECT_ROOT,
        env=own,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 2
    assert f"refused with APP_ENV={environment}" in ended.stderr
    assert list(tmp_path.iterdir()) == []
