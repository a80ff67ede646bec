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
EMAIL: Final = ("email", "email_verified")

log = logging.getLogger(__name__)


def lacks(claims: Mapping[str, Any], groups_claim: str) -> bool:
    """Tell whether the id token leaves out what a provider may say in userinfo instead."""
    return "email" not in claims or found(claims, groups_claim) is None


def supplemented(
    claims: Mapping[str, Any], user_info: Mapping[str, Any], groups_claim: str
) -> dict[str, Any]:
    """Return `claims` with what only userinfo says of the same person.

    An address and whether it is verified are taken from the same side.
    """
    whole = {**user_info, **claims}
    if "email" not in claims:
        whole.pop("email_verified", None)
        whole.update({name: user_info[name] for name in EMAIL if name in user_info})
    elif "email_verified" not in claims and user_info.get("email") != claims["email"]:
        whole.pop("email_verified", None)
    if found(claims, groups_claim) is None:
        whole[groups_claim] = found(user_info, groups_claim)
    return whole


def found(claims: Mapping[str, Any], name: str) -> object:
    """Return the claim `name`, None where it is missing.

    A claim may bear a dot or an address as its name (`https://acme.example/groups`), or stand
    inside others (`realm_access.roles`).
    """
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def identity_from(
    claims: Mapping[str, Any], *, id_token: str, groups_claim: str, trusts_emails: bool = False
) -> Identity:
    """Return who the claims speak of.

    With `trusts_emails` an address that the provider says nothing about counts as verified.
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
    if claims.get("email_verified", trusts_emails) is not True:
        raise _unusable(
            "email_verified",
            "Your e-mail address is not verified. Verify it at your sign-in service, then sign in "
            "again.",
        )
    locale = claims.get("locale")
    sid = claims.get("sid")
    return Identity(
        issuer=str(claims["iss"]),
        subject=subject,
        email=email,
        name=_name(claims, email),
        groups=_groups(claims, groups_claim),
        locale=locale[:LONGEST_LOCALE] if isinstance(locale, str) else "",
        id_token=id_token,
        provider_session=sid if isinstance(sid, str) and len(sid) <= LONGEST_SUBJECT else "",
    )


def _groups(claims: Mapping[str, Any], groups_claim: str) -> tuple[str, ...]:
    """Return the groups, () where none are named. Raises NotAllowed where they cannot be read."""
    groups = found(claims, groups_claim)
    elsewhere = claims.get("_claim_names")
    if groups is None and isinstance(elsewhere, dict) and groups_claim in elsewhere:
        raise _unusable(
            groups_claim,
            "You are in more groups than your sign-in service names in its answer. Ask your "
            "administrator to name only the groups of this program there.",
        )
    if groups is None:
        return ()
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise _unusable(
            groups_claim,
            "Your sign-in service lists your groups in a form this program cannot read. Ask your "
            "administrator.",
        )
    return tuple(groups)


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
