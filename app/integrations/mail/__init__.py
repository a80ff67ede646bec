"""Mail: SendGrid where a key is set, the embedded mailbox where there is none."""

from __future__ import annotations

from functools import lru_cache

from app.config import settings
from app.integrations.mail.mailbox import Mailbox
from app.integrations.mail.sendgrid import SendGrid
from app.integrations.ports import MailService


@lru_cache(maxsize=1)
def mail_service() -> MailService:
    """Return the mail service of the settings."""
    chosen = settings()
    if chosen.sendgrid_api_key is None:
        return Mailbox()
    return SendGrid(
        key=chosen.sendgrid_api_key.get_secret_value(), base_url=str(chosen.sendgrid_base_url)
    )
