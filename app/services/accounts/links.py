"""Signing in by a link: asked for in a browser and mailed, or printed for an operator.

Whoever asks learns nothing: what is known of an address is looked up by the job that mails. The
token stands in that mail and nowhere else; the link works once, for a quarter of an hour, and in
the browser that asked.
"""

from __future__ import annotations

import hmac
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from sqlalchemy import delete, func, select
from sqlmodel import col

from app.config import settings
from app.errors import BadInput, NotAllowed
from app.integrations.ports import Identity, OutgoingMail
from app.integrations.rates import network_of
from app.models.accounts import Person, SendSignInLink, SignInLink
from app.models.columns import now, stored
from app.services.accounts.addresses import LINK_ISSUER, add_or_change, known_by, subject_of
from app.services.accounts.queries import digest, is_token
from app.services.accounts.rotation import SignedIn, new_token
from app.services.accounts.sign_in import Browser, sign_in
from app.services.audit import AuditAction, note
from app.services.correspondence import Draft, Letter, written
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.work import Work

LINK_LIFE: Final = timedelta(minutes=15)
# What is asked for within `LINK_LIFE`: for one e-mail address, and from one network address.
MOST_FOR_ONE: Final = 5
MOST_FROM_ONE: Final = 20
# So long a link that is used up or too old can say so.
KEPT: Final = timedelta(days=1)
FOOTER: Final = "AnythingYouWantt mails this to whom an administrator has added with this address."

log = logging.getLogger(__name__)


@goes_on
def ask_for_link(work: Work, *, email: str, browser_secret: str, address: str, target: str) -> None:
    """Have a link mailed that signs in the browser with this secret, and leads to `target`.

    Does the same whoever is known by `email`. Nothing is mailed for what is no address, nor for too
    many requests.
    """
    try:
        subject, network = subject_of(email), network_of(address)
    except BadInput:
        return
    moment = now()
    work.session.execute(delete(SignInLink).where(col(SignInLink.expires_at) < moment - KEPT))
    # Of requests for the same address at the same time, one counts after the other.
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
    asked = select(func.count()).where(
        col(SignInLink.created_at) > moment - LINK_LIFE, col(SignInLink.browser_hash).is_not(None)
    )
    for_one = work.session.scalar(asked.where(col(SignInLink.subject) == subject)) or 0
    from_one = work.session.scalar(asked.where(col(SignInLink.address) == network)) or 0
    if for_one >= MOST_FOR_ONE or from_one >= MOST_FROM_ONE:
        log.warning("Mailed no sign-in link: %d asked for it, %d from there", for_one, from_one)
        return
    link = _open(work, subject=subject, address=network, target=target)
    link.browser_hash = digest(browser_secret)
    work.session.flush()
    work.enqueue(SendSignInLink(link_id=stored(link.id)))


@goes_on
def print_link(
    work: Work, *, administrator: Viewer, email: str, name: str, roles: Collection[str]
) -> str:
    """Return an address that signs in who opens it first, as the person known by `email`.

    They are added where nobody is known by it. For an operator at the command line: the first
    administrator comes in like this. Raises as `add_or_change` does.
    """
    person = add_or_change(work, administrator=administrator, email=email, name=name, roles=roles)
    link = _open(work, subject=person.subject, address="", target="/")
    token = _give_token(link)
    note(
        work,
        AuditAction.PERSON_LINK_PRINTED,
        kind="person",
        id=str(person.id),
        title=person.name,
    )
    return _address(token)


def sign_in_mail(work: Work, *, link_id: UUID) -> OutgoingMail | None:
    """Return the mail of a link that was asked for, with a token of its own each time.

    None where it is too late, or where nobody who may sign in is known by the address. The mail
    must be kept nowhere: who reads it signs in.
    """
    link = work.session.get(SignInLink, link_id, with_for_update=True)
    if link is None or link.used_at is not None or link.expires_at <= now():
        return None
    person = known_by(work, subject=link.subject)
    if person is None or person.blocked_at is not None or not person.roles:
        return None
    token = _give_token(link)
    letter = Letter(
        subject="Your sign-in link",
        preview="It works once, within 15 minutes.",
        kind="Signing in",
        title="Sign in to AnythingYouWantt",
        intro="Open this link in the browser you asked for it with. It works once, within 15 "
        "minutes. If you did not ask for it, somebody else typed your address: leave it unopened.",
        link=_address(token),
        link_text="Sign in",
        footer=FOOTER,
    )
    draft = written(letter, recipient=person.email, reply_to="")
    return _outgoing(draft, key=f"sign-in:{link.id}:{digest(token).hex()[:16]}")


def invitation_mail(work: Work, *, person_id: UUID) -> OutgoingMail | None:
    """Return the mail that tells somebody where they sign in, None if they may not any more."""
    person = work.session.get(Person, person_id)
    if person is None or person.blocked_at is not None:
        return None
    letter = Letter(
        subject="You can sign in to AnythingYouWantt",
        preview=f"As {person.email}",
        kind="Invitation",
        title="You can sign in now",
        intro=f"You have been added as {person.name}. Give the address {person.email} where you "
        "sign in, and a link is mailed to you each time.",
        link=f"{settings().public_url}/auth/login",
        link_text="Go to the sign-in",
        footer=FOOTER,
    )
    draft = written(letter, recipient=person.email, reply_to="")
    return _outgoing(draft, key=f"invitation:{person_id}")


@goes_on
def who_by_link(work: Work, *, token: str, browser_secret: str) -> str:
    """Return the address of whom a link signs in in this browser, without using it up.

    Raises NotAllowed with why it cannot be used.
    """
    return _usable(work, token, browser_secret).subject


@goes_on
def sign_in_by_link(
    work: Work, *, token: str, browser_secret: str, replaces: str, browser: Browser
) -> tuple[SignedIn, str]:
    """Use a link up, and open a session for its person; returns it and the path to lead to.

    Raises NotAllowed with why it cannot be used, and as `sign_in` does.
    """
    link = _usable(work, token, browser_secret)
    person = known_by(work, subject=link.subject)
    if person is None:
        raise NotAllowed("Nobody is known by this address any more. Ask your administrator.")
    link.used_at = now()
    identity = Identity(
        issuer=LINK_ISSUER,
        subject=link.subject,
        email=person.email,
        name=person.name,
        groups=(),
        locale="",
        id_token="",
    )
    return sign_in(work, identity=identity, replaces=replaces, browser=browser), link.target


def _usable(work: Work, token: str, browser_secret: str) -> SignInLink:
    link = None
    if is_token(token):
        link = work.session.scalars(
            select(SignInLink).where(col(SignInLink.token_hash) == digest(token)).with_for_update()
        ).one_or_none()
    if link is None:
        raise NotAllowed("This link is not one of ours, or a newer mail has replaced it.")
    asked_with = link.browser_hash
    if asked_with is not None and not hmac.compare_digest(asked_with, digest(browser_secret)):
        raise NotAllowed(
            "This link was asked for with another browser, and works in that one only. Open it "
            "there, or ask for one here."
        )
    if link.used_at is not None:
        raise NotAllowed("This link has been used already; each works once.")
    if link.expires_at <= now():
        raise NotAllowed("This link is more than 15 minutes old.")
    return link


def _open(work: Work, *, subject: str, address: str, target: str) -> SignInLink:
    moment = now()
    link = SignInLink(
        subject=subject,
        address=address,
        target=target,
        created_at=moment,
        expires_at=moment + LINK_LIFE,
    )
    work.session.add(link)
    return link


def _give_token(link: SignInLink) -> str:
    token = new_token()
    link.token_hash = digest(token)
    return token


def _address(token: str) -> str:
    return f"{settings().public_url}/auth/link?{urlencode({'token': token})}"


def _outgoing(draft: Draft, *, key: str) -> OutgoingMail:
    return OutgoingMail(
        key=key,
        sender=settings().mail_from,
        recipient=draft.recipient,
        reply_to=draft.reply_to,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
    )
