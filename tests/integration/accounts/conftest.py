"""A provider that can be made to misbehave, browsers, and the program they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from app.api.handshake import Handshake
from app.api.rest import create_rest
from app.api.security import Security
from app.config import settings
from app.integrations.identity import bounded, identity_provider
from tests.integration.accounts.provider import (
    ANSWER_SECONDS,
    CLIENT_ID,
    CLIENT_SECRET,
    Browser,
    TwistedProvider,
    free_port,
    provider_app,
    serving,
    twisted,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from reflex import App


@pytest.fixture(scope="module")
def running_provider() -> Iterator[TwistedProvider]:
    """Serve one provider for the tests of a file."""
    port = free_port()
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    provider = twisted(port, key)
    with serving(provider_app(provider), port):
        yield provider


@pytest.fixture
def provider(
    running_provider: TwistedProvider,
    database: None,  # noqa: ARG001 - sessions are rows
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[TwistedProvider]:
    """Return a provider that behaves, and that the settings point to."""
    monkeypatch.setenv("EXTERNAL_AUTH_DOMAIN", running_provider.issuer)
    monkeypatch.setenv("EXTERNAL_AUTH_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("EXTERNAL_AUTH_CLIENT_SECRET", CLIENT_SECRET)
    # However busy the machine is.
    monkeypatch.setattr(bounded, "TIMEOUT", httpx2.Timeout(ANSWER_SECONDS))
    monkeypatch.setattr("app.embedded.identity.provider.CODE_SECONDS", 600)
    settings.cache_clear()
    identity_provider.cache_clear()
    running_provider.straighten()
    yield running_provider
    monkeypatch.undo()
    settings.cache_clear()
    identity_provider.cache_clear()


@pytest_asyncio.fixture
async def new_browser(
    provider: TwistedProvider,  # noqa: ARG001 - what they sign in through
    tmp_path: Path,
) -> AsyncIterator[Callable[[], Browser]]:
    """Return what opens another browser on the program's own address."""
    opened: list[Browser] = []

    def open_browser() -> Browser:
        web = Security(Handshake(create_rest()), pages=tmp_path)
        transport = httpx2.ASGITransport(app=web)
        client = httpx2.AsyncClient(transport=transport, base_url=settings().public_url)
        opened.append(Browser(client))
        return opened[-1]

    yield open_browser
    for browser in opened:
        await browser.close()


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    """Return a browser nobody has signed in with."""
    return new_browser()


@pytest.fixture
def by_links(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have people sign in by links alone."""
    monkeypatch.setenv("SIGN_IN_LINKS", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest_asyncio.fixture
async def open_browser(tmp_path: Path) -> AsyncIterator[Callable[[], Browser]]:
    """Return what opens another browser."""
    opened: list[Browser] = []

    def another() -> Browser:
        web = Security(Handshake(create_rest()), pages=tmp_path)
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=web),
            base_url=settings().public_url,
            headers={"Accept": "text/html", "Origin": settings().public_url},
        )
        opened.append(Browser(client))
        return opened[-1]

    yield another
    for browser in opened:
        await browser.close()


@pytest.fixture
def port(web: tuple[int, App], database: None) -> int:  # noqa: ARG001 - without sessions of others
    """Return where the program listens, with nobody signed in."""
    return web[0]
