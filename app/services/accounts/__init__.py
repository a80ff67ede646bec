"""People: who they are, whether they are signed in, and what they may do."""

from __future__ import annotations

from app.services.accounts.access import CATALOGUE, EVERYBODY, Access
from app.services.accounts.cookie import SESSION_ID, cookie_in, session_cookie
from app.services.accounts.queries import holders_of, who_is_asking
from app.services.accounts.sessions import own_sessions, sessions_topic
from app.services.accounts.sign_in import Browser, SignedIn, sign_in
from app.services.accounts.sign_out import (
    sign_out,
    sign_out_at_provider,
    sign_out_elsewhere,
    sign_out_everywhere,
)

__all__ = [
    "CATALOGUE",
    "EVERYBODY",
    "SESSION_ID",
    "Access",
    "Browser",
    "SignedIn",
    "cookie_in",
    "holders_of",
    "own_sessions",
    "session_cookie",
    "sessions_topic",
    "sign_in",
    "sign_out",
    "sign_out_at_provider",
    "sign_out_elsewhere",
    "sign_out_everywhere",
    "who_is_asking",
]
