"""Logout tokens: how a provider tells, behind the browser's back, that a sign-in has ended.

OpenID Connect Back-Channel Logout 1.0, section 2.6, lists what has to be checked.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from app.integrations.ports import EndedSession

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
# How long ago a logout token without an end of its own may have been issued.
OLDEST_SECONDS: Final = 300


def check_logout(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, moment: float, leeway: int
) -> EndedSession:
    """Return what a logout token ends, its signature checked before.

    `moment` is now and `leeway` how far clocks may differ, both in seconds. Raises ValueError
    with what is wrong.
    """
    audience = claims.get("aud")
    events = claims.get("events")
    issued = _moment(claims, "iat")
    right = {
        "iss": claims.get("iss") == issuer,
        "aud": client_id in (audience if isinstance(audience, list) else [audience]),
        "events": isinstance(events, dict) and isinstance(events.get(EVENT), dict),
        # An id token may not pass for a logout token.
        "nonce": "nonce" not in claims,
        "jti": isinstance(claims.get("jti"), str),
        "iat": moment - OLDEST_SECONDS - leeway <= issued <= moment + leeway,
        "exp": "exp" not in claims or moment - leeway <= _moment(claims, "exp"),
        "sub": isinstance(claims.get("sub", ""), str),
        "sid": isinstance(claims.get("sid", ""), str),
        "sub or sid": bool(claims.get("sub") or claims.get("sid")),
    }
    if claim := next((name for name, holds in right.items() if not holds), None):
        raise ValueError(f"the claim {claim} is wrong")
    return EndedSession(
        issuer=issuer,
        subject=claims.get("sub", ""),
        provider_session=claims.get("sid", ""),
        opened_before=datetime.fromtimestamp(issued + leeway, UTC),
    )


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """Return a time claim, seconds since 1970. Raises ValueError for anything else."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"the claim {name} is no moment")  # noqa: TRY004 - the token's fault
    return value
