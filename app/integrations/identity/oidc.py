"""OpenID Connect: discovery, the authorization code flow with PKCE, and the check of id tokens."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from app.errors import NotAllowed, Unavailable
from app.integrations.identity.claims import identity_from
from app.integrations.ports import Identity, SignInAttempt

SCOPE: Final = "openid profile email"
# Asymmetric ones only: with HS256 a client secret would be enough to forge a person.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
TIMEOUT: Final = httpx2.Timeout(5.0, connect=3.0)
LEEWAY_SECONDS: Final = 60
DISCOVERY_SECONDS: Final = 3600
NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")

REFUSED = (
    "The sign-in service sent an answer that cannot be trusted. Sign in again; if it happens "
    "again, tell your administrator."
)
AWAY = "The sign-in service does not answer. Try again in a moment."

log = logging.getLogger(__name__)


class OidcProvider:
    """One provider and this program's registration there.

    What discovery says is kept for an hour; keys are read again when a token names a new one.
    """

    def __init__(
        self, *, issuer: str, client_id: str, client_secret: str, groups_claim: str
    ) -> None:
        """Speak to `issuer` as `client_id`; `groups_claim` names the claim that lists groups."""
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._groups_claim = groups_claim
        self._known: dict[str, Any] = {}
        self._known_until = 0.0
        self._keys: KeySet | None = None

    async def begin(self, *, return_to: str) -> SignInAttempt:
        """See IdentityProvider."""
        known = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client(return_to) as client:
            url, _ = client.create_authorization_url(
                known["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return SignInAttempt(url=url, state=state, nonce=nonce, verifier=verifier)

    async def complete(self, *, code: str, attempt: SignInAttempt, return_to: str) -> Identity:
        """See IdentityProvider."""
        known = await self._discover()
        token = await self._exchange(known["token_endpoint"], code, attempt, return_to)
        raw = token.get("id_token")
        if not isinstance(raw, str) or not raw:
            raise self._refused("the answer holds no id token")
        claims = await self._verified(raw, token.get("access_token"), attempt.nonce)
        return identity_from(claims, id_token=raw, groups_claim=self._groups_claim)

    async def sign_out_address(self, *, id_token: str, return_to: str) -> str | None:
        """See IdentityProvider."""
        end = (await self._discover()).get("end_session_endpoint")
        if not isinstance(end, str):
            return None
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": return_to}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"

    def _client(self, return_to: str) -> Any:  # noqa: ANN401 - Authlib's client has no types
        # Some providers list groups only when asked, others refuse a scope they do not know.
        offered = self._known.get("scopes_supported")
        groups = " groups" if isinstance(offered, list) and "groups" in offered else ""
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=SCOPE + groups,
            redirect_uri=return_to,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )

    async def _discover(self) -> dict[str, Any]:
        """Return the provider's metadata, checked to be the issuer's own."""
        if time.monotonic() < self._known_until:
            return self._known
        known = await self._fetch(f"{self._issuer}/.well-known/openid-configuration")
        # A slash at the end is all that may differ: settings cannot tell the two apart.
        if str(known.get("issuer", "")).rstrip("/") != self._issuer:
            log.error("The provider at %s calls itself %s", self._issuer, known.get("issuer"))
            raise Unavailable(
                "The sign-in service is not the one this program is set up for. Tell your "
                "administrator."
            )
        if missing := [name for name in NEEDED if not isinstance(known.get(name), str)]:
            log.error("The provider's metadata lacks %s", ", ".join(missing))
            raise Unavailable(AWAY)
        self._known, self._known_until = known, time.monotonic() + DISCOVERY_SECONDS
        self._keys = None
        return known

    async def _fetch(self, url: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT) as client:
                answer = await client.get(url)
                content = answer.raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as problem:
            log.warning("The provider did not answer %s: %r", url, problem)
            raise Unavailable(AWAY) from problem
        if not isinstance(content, dict):
            log.warning("The provider answered %s with something else than an object", url)
            raise Unavailable(AWAY)
        return content

    async def _exchange(
        self, endpoint: str, code: str, attempt: SignInAttempt, return_to: str
    ) -> dict[str, Any]:
        try:
            async with self._client(return_to) as client:
                return dict(
                    await client.fetch_token(
                        endpoint,
                        grant_type="authorization_code",
                        code=code,
                        code_verifier=attempt.verifier,
                        redirect_uri=return_to,
                    )
                )
        except AuthlibBaseError as problem:
            # Expired, used before, or for somebody else: a new sign-in is the remedy for each.
            raise self._refused(f"the code was refused: {problem}") from problem
        except (httpx2.HTTPError, ValueError) as problem:
            log.warning("The provider did not exchange a code: %r", problem)
            raise Unavailable(AWAY) from problem

    async def _verified(self, raw: str, access_token: object, nonce: str) -> dict[str, Any]:
        """Return the claims of an id token whose signature, issuer, audience, … are right."""
        known = self._known
        try:
            token = await self._decode(raw)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": known["issuer"]},
                    "aud": {"essential": True, "value": self._client_id},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": access_token},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (AuthlibBaseError, JoseError, ValueError, TypeError) as problem:
            raise self._refused(f"the id token is wrong: {problem}") from problem
        return dict(claims)

    async def _decode(self, raw: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(raw, await self._key_set(), registry=registry)
        except InvalidKeyIdError:
            # Signed with a key that was not there when the keys were last read.
            self._keys = None
            return jwt.decode(raw, await self._key_set(), registry=registry)

    async def _key_set(self) -> KeySet:
        if self._keys is None:
            content = await self._fetch(self._known["jwks_uri"])
            self._keys = KeySet.import_key_set({"keys": content.get("keys", [])})
        return self._keys

    def _refused(self, reason: str) -> NotAllowed:
        """Keep the reason for the operators; the person is told what to do."""
        log.warning("A sign-in was refused: %s", reason)
        return NotAllowed(REFUSED)
