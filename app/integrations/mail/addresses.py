"""What every mail service refuses, checked before it is asked."""

from __future__ import annotations

import re
from email.utils import parseaddr

from app.integrations.ports import MailRefused, OutgoingMail

# Deliberately looser than the RFC and stricter than "contains an @": no spaces, no controls (no
# database keeps a NUL), a dotted domain.
_ADDRESS = re.compile(
    r"[^\s\x00-\x1f\x7f@<>,;:\"()\[\]\\]{1,64}"
    r"@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+"
)
_LONGEST_ADDRESS = 254
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def split_address(value: str) -> tuple[str, str]:
    """Return name and address of `name <address>`. Raises MailRefused where there is none."""
    name, address = parseaddr(value)
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise MailRefused(f"“{value[:80]}” is no e-mail address.")
    return name, address


def check(mail: OutgoingMail) -> None:
    """Raise MailRefused for a mail that no service may be asked to take."""
    for value in (mail.sender, mail.recipient, mail.reply_to, mail.subject):
        if _CONTROLS.search(value):
            raise MailRefused("An address or the subject holds a line break.")
    split_address(mail.sender)
    if split_address(mail.recipient)[1] != mail.recipient:
        raise MailRefused(f"“{mail.recipient[:80]}” is no e-mail address.")
    if mail.reply_to:
        split_address(mail.reply_to)
    if not mail.subject.strip() or not mail.text.strip() or not mail.html.strip():
        raise MailRefused("A mail needs a subject and a text.")
