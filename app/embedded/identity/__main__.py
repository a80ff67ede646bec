"""Start the development provider: `python -m app.embedded.identity --port P --data-dir D`.

Issuer, client id, client secret and the program's address come from the settings, so that both
sides always agree. It listens on the loopback address only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from app.config import Settings, settings
from app.embedded.identity.checks import Client
from app.embedded.identity.keys import load_key
from app.embedded.identity.provider import Provider, create_provider
from app.errors import AppError, Misconfigured

LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def issuer_of(given: Settings, port: int) -> str:
    """Return the issuer. Raises Misconfigured where this process cannot be that issuer."""
    if not given.uses_development_services:
        raise Misconfigured(
            f"The development sign-in is refused with APP_ENV={given.app_env}: set "
            "EXTERNAL_AUTH_DOMAIN to your OIDC provider."
        )
    issuer = str(given.external_auth_domain or f"http://localhost:{port}").rstrip("/")
    parts = urlsplit(issuer)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.port != port:
        raise Misconfigured(
            f"EXTERNAL_AUTH_DOMAIN is {issuer}: the development sign-in listens on port {port} "
            "of this machine and cannot be that."
        )
    return issuer


def client_of(given: Settings, redirect_uris: list[str]) -> Client:
    """Return the one client. Raises Misconfigured where it has no secret."""
    if given.external_auth_client_secret is None:
        raise Misconfigured("The development sign-in needs EXTERNAL_AUTH_CLIENT_SECRET.")
    return Client(
        client_id=given.external_auth_client_id,
        client_secret=given.external_auth_client_secret.get_secret_value(),
        redirect_uris=frozenset(redirect_uris or [f"{given.public_url}/auth/callback"]),
        after_sign_out_uris=frozenset({f"{given.public_url}/"}),
    )


def main() -> int:
    """Serve until a signal ends the process; 2 where it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m app.embedded.identity")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--data-dir", type=Path, required=True, help="where the key is kept")
    parser.add_argument(
        "--redirect-uri",
        action="append",
        default=[],
        help="where a sign-in may return to; default: APP_URL/auth/callback",
    )
    given = parser.parse_args()
    try:
        provider = Provider(
            issuer=issuer_of(settings(), given.port),
            client=client_of(settings(), given.redirect_uri),
            key=load_key(given.data_dir),
        )
    except AppError as problem:
        sys.stderr.write(f"{problem.sentence}\n")
        return 2
    uvicorn.run(create_provider(provider), host="127.0.0.1", port=given.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
