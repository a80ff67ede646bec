"""What is refused before anybody looks who asks is in the audit all the same, with its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

import httpx2
import pytest
import simple_websocket
from sqlalchemy import select
from sqlmodel import col

from app.api.bounds import LONGEST_BODY, LONGEST_MESSAGE
from app.api.handshake import visitor_cookie
from app.config import settings
from app.models.audit import AuditAction, AuditEntry
from app.services.audit import note_refusals
from app.work import open_work, within
from tests.integration.accounts.provider import ANSWER_SECONDS
from tests.integration.accounts.socket_client import Tab, knock

if TYPE_CHECKING:
    from collections.abc import Iterator

EVIL: Final = {"Origin": "https://evil.example"}
OUT_OF_DATE: Final = {"Cookie": "a=b", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def behind_a_proxy(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return where the program listens behind a proxy, with nothing refused so far."""
    within(note_refusals)
    monkeypatch.setenv("TRUSTED_PROXIES", "1")
    settings.cache_clear()
    yield port
    monkeypatch.undo()
    settings.cache_clear()


def noted() -> list[tuple[str, str]]:
    """Return what was refused since it was last noted, and to which address.

    Nobody else notes anything meanwhile, see `tests.integration.program`.
    """
    number = within(note_refusals)
    with open_work() as work:
        found = work.session.scalars(
            select(AuditEntry).order_by(col(AuditEntry.sequence).desc()).limit(number)
        ).all()
    assert {entry.action for entry in found} == {AuditAction.REFUSED}
    return [(entry.subject_id, entry.address) for entry in found]


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/auth/sign-out-everywhere", EVIL, b"", 403),
        ("/auth/sign-out-everywhere", OUT_OF_DATE, b"", 403),
        ("/auth/backchannel-logout", {}, b"x" * (LONGEST_BODY + 1), 413),
    ],
    ids=["another site", "another form", "too long"],
)
def test_a_request_that_is_refused_is_noted(
    behind_a_proxy: int, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    home = f"http://localhost:{behind_a_proxy}"
    with httpx2.Client(base_url=home, timeout=ANSWER_SECONDS) as web:
        sent = {**headers, "X-Forwarded-For": "203.0.113.66, 198.51.100.7"}
        assert web.post(path, headers=sent, content=body).status_code == status

    assert noted() == [(f"POST {path}", "198.51.100.7")]


def test_a_socket_of_another_site_is_noted(port: int) -> None:
    within(note_refusals)
    assert knock(port, EVIL["Origin"]) == 403

    assert noted() == [("WEBSOCKET /_event/", "127.0.0.1")]


def test_a_message_that_is_too_long_is_noted(port: int) -> None:
    within(note_refusals)
    with Tab(port, str(uuid4())) as tab:
        tab.send("x" * LONGEST_MESSAGE)
        with pytest.raises(simple_websocket.ConnectionClosed):
            tab.until(lambda: False)

    assert noted() == [("WEBSOCKET /_event/", "127.0.0.1")]


def test_an_answer_with_a_cookie_is_kept_by_nobody_else(port: int) -> None:
    with httpx2.Client(base_url=f"http://localhost:{port}", timeout=ANSWER_SECONDS) as web:
        opened = web.get("/media/product/1/0", headers={"Accept": "text/html"})
        shown = web.get("/media/product/1/0")

    assert visitor_cookie() in opened.headers["set-cookie"]
    assert opened.headers["cache-control"] == "private, no-cache"
    # As a part of a page it brings none, and everybody may keep it.
    assert "set-cookie" not in shown.headers
    assert shown.headers["cache-control"].startswith("public")
