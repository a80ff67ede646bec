"""The company's OIDC provider, spoken to through Authlib."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from app.config import settings
from app.errors import Misconfigured
from app.integrations.identity.oidc import OidcProvider

if TYPE_CHECKING:
    from app.integrations.ports import IdentityProvider

__all__ = ["identity_provider"]


@lru_cache(maxsize=1)
def identity_provider() -> IdentityProvider:
    """Return the provider of the settings.

    Raises Misconfigured where none is set and the development one does not run.
    """
    given = settings()
    if given.external_auth_domain is None or given.external_auth_client_secret is None:
        raise Misconfigured(
            "Nobody can sign in: start the program with `make up`, or set EXTERNAL_AUTH_DOMAIN "
            "and EXTERNAL_AUTH_CLIENT_SECRET."
        )
    return OidcProvider(
        issuer=str(given.external_auth_domain),
        client_id=given.external_auth_client_id,
        client_secret=given.external_auth_client_secret.get_secret_value(),
        groups_claim=given.external_auth_groups_claim,
        trusts_emails=given.external_auth_trusts_emails,
    )
