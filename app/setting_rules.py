"""What settings have to be, beyond their types."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

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


def refuse_comforts(given: Mapping[str, Any], *, default_secret: str) -> None:
    """Raise ValueError naming the settings that must be set and are not, by the fields' values."""
    missing = [name for name in NEEDED if given[name] is None]
    if given["sign_in_links"] and set(missing) >= PROVIDER:
        # People sign in by links alone; half a provider is a mistake all the same.
        missing = [name for name in missing if name not in PROVIDER]
    named = [name.upper() for name in missing]
    if given["session_secret"].get_secret_value() == default_secret:
        named.append("SESSION_SECRET (the default is refused)")
    if named:
        msg = f"with APP_ENV={given['app_env']} these must be set: {', '.join(named)}"
        raise ValueError(msg)


def with_an_address(sender: str) -> str:
    """Return a sender of mails as it is. Raises ValueError where it has no address."""
    if "@" not in parseaddr(sender)[1]:
        msg = "must be an address, or a name followed by <address>"
        raise ValueError(msg)
    return sender


def all_mistakes(problem: ValidationError) -> str:
    """Return every mistake in one message, which repeats no value."""
    lines = [
        f"  {'.'.join(str(part) for part in error['loc']).upper() or 'settings'}: "
        f"{error['msg'].removeprefix('Value error, ')}"
        for error in problem.errors(include_input=False, include_url=False)
    ]
    return "These settings cannot be used:\n" + "\n".join(lines)
