"""The cookie that names a person's session: what it is called, and how it is found in a header."""

from __future__ import annotations

from typing import Final

from app.config import settings

# They stand in place of the cookies once it is known who opens a websocket; never in a browser:
# a session with the version that its person's rights had then, or a visitor.
SESSION_ID: Final = "session-id"
RIGHTS_VERSION: Final = "rights-version"
VISITOR_ID: Final = "visitor-id"


def session_cookie() -> str:
    """Return the cookie's name.

    Under https the prefix binds it to this host and to https. Under plain http it carries the
    port, because two installations on one machine share every cookie of `localhost`.
    """
    given = settings()
    return "__Host-session" if given.is_secure else f"session-{given.app_port}"


def cookie_in(header: str, name: str) -> str:
    """Return the value of the cookie `name` in a Cookie header, "" where there is none."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
