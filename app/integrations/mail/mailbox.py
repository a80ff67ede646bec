"""The embedded mailbox: keeps every mail where SendGrid would send it. Seen at `/mailbox`."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import col

from app import db
from app.errors import Unavailable
from app.integrations import live
from app.integrations.mail.addresses import check
from app.integrations.ports import OutgoingMail
from app.models.ordering import MailboxMessage

_KEEP = (
    insert(MailboxMessage)
    .on_conflict_do_nothing(index_elements=[col(MailboxMessage.key)])
    # Whoever notes down that it was taken does so in a later commit, which waits for this one.
    .returning(col(MailboxMessage.id), db.NOT_DURABLE)
)


class Mailbox:
    """A mail service that keeps mails in the database, each key once."""

    @property
    def deduplicates(self) -> bool:
        """The key is unique in the table, so the same mail arrives once however often it comes."""
        return True

    def check(self) -> None:
        """It is there whenever the database is. Raises Unavailable without one."""
        try:
            with db.engine().connect():
                pass
        except (InterfaceError, OperationalError) as problem:
            raise Unavailable("The mailbox cannot be reached: the database is away.") from problem

    def send(self, mail: OutgoingMail) -> str:
        """Keep one mail, in a transaction of its own as an outside service would.

        Raises MailRefused for an address that is none, Unavailable without a database.
        """
        check(mail)
        try:
            with db.engine().begin() as connection:
                kept = connection.execute(_KEEP, asdict(mail)).scalar()
        except (OperationalError, InterfaceError) as problem:
            raise Unavailable("The mailbox does not answer.") from problem
        if kept is not None:
            live.announce(["mailbox"])
        return f"mailbox:{mail.key}"
