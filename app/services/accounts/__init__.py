"""People: who they are, whether they are signed in, and what they may do."""

from __future__ import annotations

from app.services.accounts.access import CATALOGUE, EVERYBODY, Access
from app.services.accounts.addresses import add_person, invite_person
from app.services.accounts.cookie import (
    RIGHTS_VERSION,
    SESSION_ID,
    VISITOR_ID,
    cookie_in,
    session_cookie,
)
from app.services.accounts.directory import known_people, person_meant
from app.services.accounts.links import (
    LINK_LIFE,
    ask_for_link,
    invitation_mail,
    print_link,
    sign_in_by_link,
    sign_in_mail,
    who_by_link,
)
from app.services.accounts.people import block_person, change_roles, unblock_person
from app.services.accounts.queries import (
    holders_in_use,
    holders_of,
    rights_versions,
    who_is_asking,
)
from app.services.accounts.roles import service_viewer
from app.services.accounts.rotation import SignedIn, rotate
from app.services.accounts.sessions import own_sessions
from app.services.accounts.sign_in import Browser, sign_in
from app.services.accounts.sign_out import (
    end_all_sessions_of,
    end_session,
    sign_out,
    sign_out_at_provider,
    sign_out_elsewhere,
    sign_out_everywhere,
)
from app.services.accounts.topics import PEOPLE, RIGHTS, SESSIONS, sessions_topic

__all__ = [
    "CATALOGUE",
    "EVERYBODY",
    "LINK_LIFE",
    "PEOPLE",
    "RIGHTS",
    "RIGHTS_VERSION",
    "SESSIONS",
    "SESSION_ID",
    "VISITOR_ID",
    "Access",
    "Browser",
    "SignedIn",
    "add_person",
    "ask_for_link",
    "block_person",
    "change_roles",
    "cookie_in",
    "end_all_sessions_of",
    "end_session",
    "holders_in_use",
    "holders_of",
    "invitation_mail",
    "invite_person",
    "known_people",
    "own_sessions",
    "person_meant",
    "print_link",
    "rights_versions",
    "rotate",
    "service_viewer",
    "session_cookie",
    "sessions_topic",
    "sign_in",
    "sign_in_by_link",
    "sign_in_mail",
    "sign_out",
    "sign_out_at_provider",
    "sign_out_elsewhere",
    "sign_out_everywhere",
    "unblock_person",
    "who_by_link",
    "who_is_asking",
]
