"""From where a request comes, and that nobody in particular acts until more is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from app.acting import actor
from app.api.arrivals import Arrivals
from app.config import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let a test change settings."""
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


async def says_who_acts(scope: Scope, _receive: Receive, send: Send) -> None:
    said = f"{actor().kind} {actor().address} {scope['client'][0]}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ("0", ["192.0.2.1"], "127.0.0.1"),
        ("1", ["192.0.2.1"], "192.0.2.1"),
        ("1", ["198.51.100.7, 192.0.2.1"], "192.0.2.1"),
        ("1", ["198.51.100.7", "192.0.2.1"], "192.0.2.1"),
        ("2", ["203.0.113.9, 198.51.100.7, 192.0.2.1"], "198.51.100.7"),
        ("2", ["192.0.2.1"], "127.0.0.1"),
        ("1", [], "127.0.0.1"),
    ],
)
async def test_an_address_is_believed_as_far_as_our_own_proxies_say_it(
    patched: pytest.MonkeyPatch, proxies: str, forwarded: list[str], address: str
) -> None:
    patched.setenv("TRUSTED_PROXIES", proxies)
    settings.cache_clear()
    transport = httpx2.ASGITransport(app=Arrivals(says_who_acts))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as web:
        answer = await web.get("/", headers=[("X-Forwarded-For", one) for one in forwarded])

    assert answer.text == f"nobody {address} {address}"
