"""The provider's routes: discovery, keys, authorize, token and end of session.

Strict where a real provider is strict (exact redirect address, PKCE with S256, codes that work
once and not for long, a checked client secret), so that what passes here passes there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape
from joserfc import jwt
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.embedded.identity.checks import Client, Grant, TokenError, check_client, refusal
from app.embedded.identity.keys import ALGORITHM
from app.embedded.identity.people import DEMO_PEOPLE, chosen_person
from app.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import ECKey
    from starlette.requests import Request

CODE_SECONDS = 60
TOKEN_SECONDS = 600
PASSED_ON = ("client_id", "redirect_uri", "state", "nonce", "code_challenge", "scope")

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape(["html"])
)


@dataclass(slots=True)
class Provider:
    """One issuer with one client. Grants live in memory: a restart forgets sign-ins under way."""

    issuer: str
    client: Client
    key: ECKey
    grants: dict[str, Grant] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Return everything the provider answers."""
        return [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/jwks", self.jwks),
            Route("/authorize", self.choose, methods=["GET"]),
            Route("/authorize", self.authorize, methods=["POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/end-session", self.end_session, methods=["GET"]),
        ]

    async def discovery(self, _request: Request) -> Response:
        """Answer what this provider can do (OpenID Connect Discovery 1.0)."""
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/end-session",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "scopes_supported": ["openid", "profile", "email", "groups"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def jwks(self, _request: Request) -> Response:
        """Answer the public half of the signing key."""
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def choose(self, request: Request) -> Response:
        """Show whom one can sign in as."""
        asked = dict(request.query_params)
        if problem := refusal(self.client, asked):
            return self._page(problem=problem, status=400)
        return self._page(asked=asked)

    async def authorize(self, request: Request) -> Response:
        """Send the chosen person's browser back with a code."""
        async with request.form() as form:
            asked = {name: value for name, value in form.items() if isinstance(value, str)}
        if problem := refusal(self.client, asked):
            return self._page(problem=problem, status=400)
        try:
            person = chosen_person(asked)
        except BadInput as problem:
            return self._page(asked=asked, problem=problem.sentence, status=422)
        code = secrets.token_urlsafe(32)
        self._forget_old_grants()
        self.grants[code] = Grant(
            person=person,
            redirect_uri=asked["redirect_uri"],
            nonce=asked.get("nonce", ""),
            challenge=asked["code_challenge"],
            locale=request.headers.get("accept-language", "en").split(",")[0].split(";")[0].strip(),
            expires=time.monotonic() + CODE_SECONDS,
        )
        answer = urlencode({"code": code, "state": asked.get("state", "")})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", status_code=303)

    async def token(self, request: Request) -> Response:
        """Exchange a code for an id token."""
        async with request.form() as form:
            sent = {name: value for name, value in form.items() if isinstance(value, str)}
        try:
            check_client(self.client, request.headers.get("authorization", ""))
            grant = self._redeem(sent)
        except TokenError as problem:
            status = 401 if str(problem) == "invalid_client" else 400
            return JSONResponse({"error": str(problem)}, status_code=status)
        return JSONResponse(self.token_answer(grant), headers={"Cache-Control": "no-store"})

    async def end_session(self, request: Request) -> Response:
        """Send the browser back to the program it signed out of; there is no session to end."""
        target = request.query_params.get("post_logout_redirect_uri", "")
        try:
            hint = jwt.decode(
                request.query_params.get("id_token_hint", ""), self.key, algorithms=[ALGORITHM]
            )
        except (JoseError, ValueError):
            return self._page(problem="The sign-out does not say whose it is.", status=400)
        if hint.claims.get("aud") != self.client.client_id:
            return self._page(problem="The sign-out belongs to another program.", status=400)
        if target not in self.client.after_sign_out_uris:
            return self._page(problem="The sign-out leads to an unknown address.", status=400)
        state = request.query_params.get("state")
        return RedirectResponse(f"{target}?{urlencode({'state': state})}" if state else target)

    def claims(self, grant: Grant) -> dict[str, Any]:
        """Return what the id token says; times in seconds since 1970."""
        moment = int(time.time())
        return {
            "iss": self.issuer,
            "sub": grant.person.subject,
            "aud": self.client.client_id,
            "iat": moment,
            "exp": moment + TOKEN_SECONDS,
            "nonce": grant.nonce,
            "name": grant.person.name,
            "email": grant.person.email,
            "email_verified": True,
            "groups": list(grant.person.groups),
            "locale": grant.locale,
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """Return `claims` as a signed token."""
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid}, claims, self.key)

    def token_answer(self, grant: Grant) -> dict[str, Any]:
        """Return the body of a successful token answer."""
        return {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": self.sign(self.claims(grant)),
        }

    def _redeem(self, sent: Mapping[str, str]) -> Grant:
        """Return what the code stands for; whatever is wrong, it does not work a second time."""
        if sent.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type")
        grant = self.grants.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            grant is None
            or grant.expires < time.monotonic()
            or sent.get("redirect_uri") != grant.redirect_uri
            or not hmac.compare_digest(proof, grant.challenge)
        ):
            raise TokenError("invalid_grant")
        return grant

    def _forget_old_grants(self) -> None:
        moment = time.monotonic()
        for code in [code for code, grant in self.grants.items() if grant.expires < moment]:
            del self.grants[code]

    def _page(
        self, *, asked: Mapping[str, str] | None = None, problem: str = "", status: int = 200
    ) -> Response:
        allowed = " ".join(sorted({_origin(uri) for uri in self.client.redirect_uris}))
        body = _pages.get_template("choose.html").render(
            asked=asked,
            passed_on=(*PASSED_ON, "response_type", "code_challenge_method"),
            people=DEMO_PEOPLE.values(),
            problem=problem,
        )
        return HTMLResponse(
            body,
            status_code=status,
            headers={
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
                f"frame-ancestors 'none'; base-uri 'none'; form-action 'self' {allowed}",
            },
        )


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def create_provider(provider: Provider) -> Starlette:
    """Return the provider as an ASGI application."""
    return Starlette(routes=provider.routes())
