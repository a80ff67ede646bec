"""Which settings an installation that people rely on cannot do without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDER: Final = frozenset({"external_auth_domain", "external_auth_client_secret"})
NEEDED: Final = (
    "app_url",
    "database_url",
    "redis_url",
    "object_storage_endpoint",
    "object_storage_access_key",
    "object_storage_secret_key",
    "external_auth_domain",
    "external_auth_client_secret",
    "sendgrid_api_key",
)


def missing_in_production(given: Mapping[str, object]) -> list[str]:
    """Return the names of the settings that must be set and are not, by the fields' values."""
    missing = [name for name in NEEDED if given[name] is None]
    if given["sign_in_links"] and set(missing) >= PROVIDER:
        # People sign in by links alone; half a provider is a mistake all the same.
        missing = [name for name in missing if name not in PROVIDER]
    return [name.upper() for name in missing]
