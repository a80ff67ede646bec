"""What every mail service must do: SendGrid (against a strict twin) and the mailbox alike."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2
import pytest

from app.errors import Misconfigured, Unavailable
from app.integrations.mail.mailbox import Mailbox
from app.integrations.mail.sendgrid import SendGrid
from app.integrations.ports import MailRefused, MailService, MailUnsure, OutgoingMail
from app.services.ordering import list_messages, message
from app.work import open_work
from tests.sendgrid_twin import KEY, Twin, complaints, sendgrid_twin

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIL = OutgoingMail(
    key="dispatch:1:1",
    sender="Shop <shop@shop.example>",
    recipient="orders@supplier.example",
    reply_to='"Lovelace, Ada" <ada@buyers.example>',
    subject="Purchase order 10042 — ü",
    text="Two screwdrivers.",
    html="<p>Two screwdrivers.</p>",
)


@pytest.fixture
def twin() -> Iterator[Twin]:
    with sendgrid_twin() as running:
        yield running


@pytest.fixture
def sendgrid(twin: Twin) -> SendGrid:
    return SendGrid(key=KEY, base_url=twin.url)


@pytest.fixture(params=["sendgrid", "mailbox"])
def service(request: pytest.FixtureRequest) -> MailService:
    if request.param == "sendgrid":
        return request.getfixturevalue("sendgrid")
    request.getfixturevalue("database")
    return Mailbox()


def test_takes_a_mail(service: MailService) -> None:
    assert service.send(MAIL)


def test_takes_a_mail_without_reply_to(service: MailService) -> None:
    assert service.send(replace(MAIL, reply_to=""))


@pytest.mark.parametrize(
    "broken",
    [
        {"recipient": "nobody"},
        {"recipient": ""},
        {"recipient": "a@b.example, c@d.example"},
        {"recipient": "a@b.example\r\nBcc: c@d.example"},
        {"recipient": "Ada <ada@b.example>"},
        {"sender": "nobody"},
        {"reply_to": "Ada <nowhere>"},
        {"subject": "Purchase order\nBcc: c@d.example"},
        {"subject": " "},
        {"text": ""},
        {"html": ""},
    ],
)
def test_refuses_for_good_what_no_service_takes(
    service: MailService, broken: dict[str, str]
) -> None:
    with pytest.raises(MailRefused):
        service.send(replace(MAIL, **broken))


def test_the_same_key_arrives_once_where_the_service_says_so(service: MailService) -> None:
    if not service.deduplicates:
        pytest.skip("SendGrid does not know our keys; the ledger sees to it.")
    service.send(MAIL)
    service.send(MAIL)
    with open_work(read_only=True) as work:
        assert len(list_messages(work).rows) == 1


@pytest.mark.usefixtures("database")
def test_the_mailbox_shows_what_it_was_handed() -> None:
    Mailbox().send(MAIL)
    with open_work(read_only=True) as work:
        (row,) = list_messages(work).rows
        shown = message(work, message_id=row.id)
    assert (shown.subject, shown.recipient, shown.reply_to, shown.html, shown.text) == (
        MAIL.subject,
        MAIL.recipient,
        MAIL.reply_to,
        MAIL.html,
        MAIL.text,
    )


def test_sendgrid_gets_text_before_html_and_our_key(sendgrid: SendGrid, twin: Twin) -> None:
    sendgrid.send(MAIL)
    (body,) = twin.accepted
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["personalizations"][0]["custom_args"] == {"mail_key": MAIL.key}
    assert body["reply_to"] == {"email": "ada@buyers.example", "name": "Lovelace, Ada"}


def test_a_wrong_key_is_refused_for_good(twin: Twin) -> None:
    with pytest.raises(MailRefused, match=r"401.*invalid, expired, or revoked"):
        SendGrid(key="SG.wrong", base_url=twin.url).send(MAIL)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_service_is_tried_again(sendgrid: SendGrid, twin: Twin, status: int) -> None:
    twin.days = [status]
    with pytest.raises(Unavailable, match=str(status)):
        sendgrid.send(MAIL)


@pytest.mark.parametrize("status", [302, 400, 403, 413])
def test_other_answers_are_final(sendgrid: SendGrid, twin: Twin, status: int) -> None:
    twin.days = [status]
    with pytest.raises(MailRefused, match=str(status)):
        sendgrid.send(MAIL)


def test_nobody_there_is_tried_again() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        # Held meanwhile, so that nobody else can listen there.
        with pytest.raises(Unavailable, match="cannot be reached"):
            SendGrid(key=KEY, base_url=f"http://127.0.0.1:{port}").send(MAIL)


def test_no_answer_leaves_it_unsure(sendgrid: SendGrid, twin: Twin) -> None:
    twin.days = ["cut"]
    with pytest.raises(MailUnsure):
        sendgrid.send(MAIL)
    assert len(twin.accepted) == 1


GOOD = {
    "personalizations": [{"to": [{"email": "a@b.example"}]}],
    "from": {"email": "c@d.example"},
    "subject": "x",
    "content": [{"type": "text/plain", "value": "x"}, {"type": "text/html", "value": "x"}],
}


@pytest.mark.parametrize(
    "change",
    [
        {"from": None},
        {"from": {"name": "Nobody"}},
        {"personalizations": []},
        {"personalizations": [{"to": []}]},
        {"personalizations": [{"to": [{"email": "A@b.example"}, {"email": "a@b.example"}]}]},
        {"personalizations": [{"to": [{"email": "a@b.example"}], "custom_args": {"n": 1}}]},
        {"content": []},
        {"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]},
        {"content": [{"type": "text/plain", "value": ""}]},
        {"subject": ""},
        {"reply_to": {"email": "nobody"}},
    ],
)
def test_the_twin_is_as_strict_as_the_real_one(twin: Twin, change: dict[str, object]) -> None:
    assert not complaints(GOOD)
    answer = httpx2.post(
        f"{twin.url}/v3/mail/send",
        json=GOOD | change,
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=60,
    )
    assert answer.status_code == 400
    assert not twin.accepted


def test_can_be_asked_whether_it_takes_mails(service: MailService) -> None:
    service.check()


def test_sendgrid_refuses_a_wrong_key_when_it_is_asked(twin: Twin) -> None:
    with pytest.raises(Misconfigured, match="refuses the key"):
        SendGrid(key="SG.wrong", base_url=twin.url).check()
    assert twin.accepted == []


def test_sendgrid_says_when_a_key_may_not_send(twin: Twin, sendgrid: SendGrid) -> None:
    twin.scopes = ["stats.read"]
    with pytest.raises(Misconfigured, match=r"scope mail\.send"):
        sendgrid.check()


def test_a_silent_sendgrid_is_unavailable_when_it_is_asked() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        SendGrid(key=KEY, base_url="http://127.0.0.1:9").check()
