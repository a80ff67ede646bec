"""From the claims of a verified id token to an identity. Authlib leaves these checks to us."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from app.errors import NotAllowed
from app.integrations.ports import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SUBJECT: Final = 255  # OpenID Connect Core, section 2
LONGEST_TEXT: Final = 320
LONGEST_LOCALE: Final = 35

log = logging.getLogger(__name__)


def identity_from(claims: Mapping[str, Any], *, id_token: str, groups_claim: str) -> Identity:
    """Return who the claims speak of.

    Raises NotAllowed with what to do where a claim cannot be used.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
        raise _unusable(
            "sub", "Your sign-in service does not say who you are. Ask your administrator."
        )
    email = claims.get("email")
    if not isinstance(email, str) or not _is_address(email):
        raise _unusable(
            "email",
            "Your sign-in service does not tell your e-mail address. Ask your administrator to "
            "release it to this program.",
        )
    if claims.get("email_verified") is not True:
        raise _unusable(
            "email_verified",
            "Your e-mail address is not verified. Verify it at your sign-in service, then sign in "
            "again.",
        )
    groups = claims.get(groups_claim, [])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise _unusable(
            groups_claim,
            "Your sign-in service lists your groups in a form this program cannot read. Ask your "
            "administrator.",
        )
    locale = claims.get("locale")
    return Identity(
        issuer=str(claims["iss"]),
        subject=subject,
        email=email,
        name=_name(claims, email),
        groups=tuple(groups),
        locale=locale[:LONGEST_LOCALE] if isinstance(locale, str) else "",
        id_token=id_token,
    )


def _is_address(value: str) -> bool:
    """Tell whether `value` is one address: it becomes the Reply-To of mails, so no line breaks."""
    return (
        len(value) <= LONGEST_TEXT
        and value.isprintable()
        and " " not in value
        and value.count("@") == 1
        and not value.startswith("@")
        and not value.endswith("@")
    )


def _name(claims: Mapping[str, Any], email: str) -> str:
    """Return what to call the person; the part before the @ where the token has no name."""
    for claim in ("name", "preferred_username"):
        value = claims.get(claim)
        if isinstance(value, str) and (shown := " ".join(value.split())) and shown.isprintable():
            return shown[:LONGEST_TEXT]
    return email.partition("@")[0]


def _unusable(claim: str, sentence: str) -> NotAllowed:
    log.warning("A sign-in was refused: the claim %s cannot be used", claim)
    return NotAllowed(sentence)
