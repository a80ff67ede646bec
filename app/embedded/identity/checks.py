"""What the provider insists on: who may ask, for what, and how a program proves itself."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.embedded.identity.people import DemoPerson


@dataclass(frozen=True, slots=True)
class Client:
    """The one program that may ask; addresses are compared character by character."""

    client_id: str
    client_secret: str
    redirect_uris: frozenset[str]
    after_sign_out_uris: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is exchanged; `expires` is on the monotonic clock."""

    person: DemoPerson
    redirect_uri: str
    nonce: str
    challenge: str
    locale: str
    expires: float


class TokenError(Exception):
    """An answer of the token endpoint other than a token: a code of RFC 6749 section 5.2."""


def refusal(client: Client, asked: Mapping[str, str]) -> str:
    """Say what is wrong with an authorization request, "" for nothing."""
    checks = {
        "The program that asks is unknown.": asked.get("client_id") == client.client_id,
        "The program asks to return to an unknown address.": asked.get("redirect_uri")
        in client.redirect_uris,
        "Only the authorization code flow is offered.": asked.get("response_type") == "code",
        "The scope must name openid.": "openid" in asked.get("scope", "").split(),
        "PKCE with S256 is required.": asked.get("code_challenge_method") == "S256"
        and bool(asked.get("code_challenge")),
    }
    return next((sentence for sentence, holds in checks.items() if not holds), "")


def check_client(client: Client, authorization: str) -> None:
    """Check an Authorization header (HTTP Basic). Raises TokenError where it is not the client."""
    kind, _, value = authorization.partition(" ")
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except ValueError:
        pair = ""
    client_id, _, secret = (unquote_plus(part) for part in pair.partition(":"))
    right = hmac.compare_digest(secret.encode(), client.client_secret.encode())
    if kind.lower() != "basic" or client_id != client.client_id or not right:
        raise TokenError("invalid_client")
