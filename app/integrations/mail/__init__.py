"""Mail: SendGrid where a key is set, the embedded mailbox where there is none."""

from __future__ import annotations

from functools import lru_cache

from app.config import settings
from app.flag_cache import refuse_while
from app.flags import STOP_MAIL
from app.integrations.mail.mailbox import Mailbox
from app.integrations.mail.sendgrid import SendGrid
from app.integrations.ports import MailService, OutgoingMail


class Stoppable:
    """A mail service that takes nothing while the kill switch `stop-mail` is on.

    The one way out for mails, so that none leaves whoever sends it.
    """

    def __init__(self, service: MailService) -> None:
        """Hand over to `service`."""
        self._service = service

    @property
    def deduplicates(self) -> bool:
        """Whether a mail whose key it has seen is not sent a second time."""
        return self._service.deduplicates

    def send(self, mail: OutgoingMail) -> str:
        """Hand over one mail, as `MailService` says. Raises Held while mails are stopped."""
        refuse_while(STOP_MAIL)
        return self._service.send(mail)

    def check(self) -> None:
        """Raise Unavailable, or Misconfigured, unless the service would take mails."""
        self._service.check()


@lru_cache(maxsize=1)
def mail_service() -> MailService:
    """Return the mail service of the settings."""
    chosen = settings()
    if chosen.sendgrid_api_key is None:
        return Stoppable(Mailbox())
    key = chosen.sendgrid_api_key.get_secret_value()
    return Stoppable(SendGrid(key=key, base_url=str(chosen.sendgrid_base_url)))
