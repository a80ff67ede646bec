"""OpenID Connect: the authorization code flow with PKCE, and what a provider says of its people."""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from app.errors import BadInput, NotAllowed, Unavailable
from app.integrations.identity.bounded import AWAY, bounds, fetch
from app.integrations.identity.claims import identity_from, lacks, supplemented
from app.integrations.identity.issuer import LONGEST_TOKEN, Issuer
from app.integrations.identity.logout import check_logout
from app.integrations.ports import EndedSession, Identity, SignInAttempt

if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPE: Final = "openid profile email"
LEEWAY_SECONDS: Final = 60

REFUSED = (
    "The sign-in service sent an answer that cannot be trusted. Sign in again; if it happens "
    "again, tell your administrator."
)

log = logging.getLogger(__name__)


class OidcProvider:
    """One provider and this program's registration there."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        groups_claim: str,
        trusts_emails: bool = False,
    ) -> None:
        """Speak to `issuer` as `client_id`; `groups_claim` names the claim that lists groups.

        With `trusts_emails` an address counts as verified where the provider says nothing of it.
        """
        self._issuer = Issuer(issuer)
        self._client_id = client_id
        self._client_secret = client_secret
        self._groups_claim = groups_claim
        self._trusts_emails = trusts_emails

    async def begin(self, *, return_to: str) -> SignInAttempt:
        """See IdentityProvider."""
        known = await self._issuer.metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client(known, return_to) as client:
            url, _ = client.create_authorization_url(
                known["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return SignInAttempt(url=url, state=state, nonce=nonce, verifier=verifier)

    async def complete(
        self, *, code: str, answered_by: str, attempt: SignInAttempt, return_to: str
    ) -> Identity:
        """See IdentityProvider."""
        known = await self._issuer.metadata()
        self._check_who_answered(known, answered_by)
        token = await self._exchange(known, code, attempt, return_to)
        raw = token.get("id_token")
        if not isinstance(raw, str) or not raw:
            raise self._refused("the answer holds no id token")
        access_token = token.get("access_token")
        claims = await self._verified(known, raw, access_token, attempt.nonce)
        if lacks(claims, self._groups_claim) and isinstance(access_token, str):
            claims = supplemented(
                claims, await self._user_info(known, access_token, claims), self._groups_claim
            )
        return identity_from(
            claims,
            id_token=raw,
            groups_claim=self._groups_claim,
            trusts_emails=self._trusts_emails,
        )

    async def sign_out_address(self, *, id_token: str, return_to: str) -> str | None:
        """See IdentityProvider."""
        end = (await self._issuer.metadata()).get("end_session_endpoint")
        if not isinstance(end, str):
            return None
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": return_to}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"

    async def ended_session(self, *, logout_token: str) -> EndedSession:
        """See IdentityProvider."""
        known = await self._issuer.metadata()
        try:
            token = await self._issuer.decode(logout_token)
            return check_logout(
                token.claims,
                issuer=known["issuer"],
                client_id=self._client_id,
                moment=time.time(),
                leeway=LEEWAY_SECONDS,
            )
        except (JoseError, ValueError, TypeError) as problem:
            log.warning("A logout token was refused: %s", problem)
            raise BadInput("The logout token cannot be trusted.") from problem

    def _client(self, known: Mapping[str, Any], return_to: str) -> Any:  # noqa: ANN401 - Authlib's client has no types
        # Some providers list groups only when asked, others refuse a scope they do not know.
        groups = " groups" if "groups" in _texts(known.get("scopes_supported")) else ""
        # The standard's default, unless the provider says that it takes only the other.
        taken = _texts(known.get("token_endpoint_auth_methods_supported"))
        by_form = "client_secret_post" in taken and "client_secret_basic" not in taken
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method="client_secret_post" if by_form else "client_secret_basic",
            scope=SCOPE + groups,
            redirect_uri=return_to,
            code_challenge_method="S256",
            **bounds(),
        )

    def _check_who_answered(self, known: Mapping[str, Any], answered_by: str) -> None:
        """Refuse the answer of another provider, where the answer says whose it is (RFC 9207)."""
        says_so = known.get("authorization_response_iss_parameter_supported") is True
        if (answered_by or says_so) and answered_by != known["issuer"]:
            raise self._refused(f"the answer comes from {answered_by or 'nobody'!r}")

    async def _exchange(
        self, known: Mapping[str, Any], code: str, attempt: SignInAttempt, return_to: str
    ) -> dict[str, Any]:
        try:
            async with self._client(known, return_to) as client:
                return dict(
                    await client.fetch_token(
                        known["token_endpoint"],
                        grant_type="authorization_code",
                        code=code,
                        code_verifier=attempt.verifier,
                        redirect_uri=return_to,
                    )
                )
        except AuthlibBaseError as problem:
            # Expired, used before, or for somebody else: a new sign-in is the remedy for each.
            raise self._refused(f"the code was refused: {problem}") from problem
        except (httpx2.HTTPError, ValueError, TypeError) as problem:
            log.warning("The provider did not exchange a code: %r", problem)
            raise Unavailable(AWAY) from problem

    async def _verified(
        self, known: Mapping[str, Any], raw: str, access_token: object, nonce: str
    ) -> dict[str, Any]:
        """Return the claims of an id token whose signature, issuer, audience, … are right."""
        try:
            token = await self._issuer.decode(raw)
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

    async def _user_info(
        self, known: Mapping[str, Any], access_token: str, claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what else the provider says of the same person, {} where it says nothing."""
        endpoint = known.get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not 0 < len(access_token) <= LONGEST_TOKEN:
            return {}
        said = await fetch(endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if said.get("sub") != claims.get("sub"):
            raise self._refused("userinfo speaks of somebody else")
        return said

    def _refused(self, reason: str) -> NotAllowed:
        """Keep the reason for the operators; the person is told what to do."""
        log.warning("A sign-in was refused: %s", reason)
        return NotAllowed(REFUSED)


def _texts(value: object) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []
