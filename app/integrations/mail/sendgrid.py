"""SendGrid's Web API v3: `POST /v3/mail/send`.

It does not know a mail by our key, so a try that ended without an answer must not be repeated.
"""

from __future__ import annotations

from typing import Any

import httpx2

from app.errors import Misconfigured, Unavailable
from app.integrations.mail.addresses import check, split_address
from app.integrations.ports import MailRefused, MailUnsure, OutgoingMail

# Together below the time-out of a mail job (60 s).
TIMEOUT = httpx2.Timeout(20.0, connect=5.0)
# A connection kept open may be closed by the other side just as a mail is written to it; then
# nobody could tell whether the mail was taken. A new one per mail fails before or after that.
LIMITS = httpx2.Limits(max_connections=10, max_keepalive_connections=0)

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_CLIENT_ERROR = 400
_REFUSED_KEY = frozenset({401, 403})


class SendGrid:
    """The real mail service."""

    def __init__(self, *, key: str, base_url: str) -> None:
        """Speak to the API at `base_url` with an API key."""
        self._client = httpx2.Client(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=TIMEOUT,
            limits=LIMITS,
            follow_redirects=False,
        )

    @property
    def deduplicates(self) -> bool:
        """SendGrid sends whatever it is handed."""
        return False

    def send(self, mail: OutgoingMail) -> str:
        """Hand over one mail; return SendGrid's message id.

        Raises Unavailable on a failed connection, 429 and 5xx, MailRefused on any other answer
        but success, MailUnsure where the answer did not come.
        """
        check(mail)
        try:
            answer = self._client.post("/v3/mail/send", json=_body(mail))
        except _NOT_SENT as problem:
            raise Unavailable(f"SendGrid cannot be reached: {_reason(problem)}.") from problem
        except httpx2.TransportError as problem:
            raise MailUnsure(f"SendGrid gave no answer: {_reason(problem)}.") from problem
        status = answer.status_code
        if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
            raise Unavailable(f"SendGrid answered {status}; a later try may succeed.")
        if not answer.is_success:
            raise MailRefused(f"SendGrid refused the mail ({status}): {_complaint(answer)}")
        return answer.headers.get("X-Message-Id", "")

    def check(self) -> None:
        """Ask what the key may do, which sends nothing.

        Raises Misconfigured for a key that may not send, Unavailable without an answer.
        """
        try:
            answer = self._client.get("/v3/scopes")
        except httpx2.TransportError as problem:
            raise Unavailable(f"SendGrid cannot be reached: {_reason(problem)}.") from problem
        if answer.status_code in _REFUSED_KEY:
            raise Misconfigured("SendGrid refuses the key: give SENDGRID_API_KEY a valid one.")
        if not answer.is_success:
            raise Unavailable(f"SendGrid answered {answer.status_code}.")
        if "mail.send" not in answer.json().get("scopes", []):
            raise Misconfigured(
                "The key of SendGrid may not send mails: give it the scope mail.send."
            )


def _reason(problem: Exception) -> str:
    return str(problem) or type(problem).__name__


def _body(mail: OutgoingMail) -> dict[str, Any]:
    """Return the mail as SendGrid wants it: plain text first, then HTML."""
    body: dict[str, Any] = {
        "personalizations": [
            {"to": [{"email": mail.recipient}], "custom_args": {"mail_key": mail.key}}
        ],
        "from": _person(mail.sender),
        "subject": mail.subject,
        "content": [
            {"type": "text/plain", "value": mail.text},
            {"type": "text/html", "value": mail.html},
        ],
        # A purchase order is not advertising: its links stay as they are.
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }
    if mail.reply_to:
        body["reply_to"] = _person(mail.reply_to)
    return body


def _person(value: str) -> dict[str, str]:
    name, address = split_address(value)
    return {"email": address, "name": name} if name else {"email": address}


def _complaint(answer: httpx2.Response) -> str:
    """Return SendGrid's own words for what is wrong, on one line."""
    try:
        errors = answer.json()["errors"]
        words = "; ".join(str(error["message"]) for error in errors)
    except (ValueError, KeyError, TypeError):
        words = answer.reason_phrase
    return " ".join(words.split())[:300] or "no reason given."
