"""The map of the program as it runs: without a key from our own origin alone, with one Google's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.journeys import PATIENCE_MS, by_id
from tests.google_maps_twin import GoogleMapsTwin
from tests.site import run_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Request, WebSocket

    from tests.site import Site

KEY = "AIza-a-key-for-browsers"


@pytest.fixture(scope="module")
def site_with_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start the program as somebody has it who uses Google's map."""
    folder = tmp_path_factory.mktemp("site-with-key")
    with run_site(folder, GOOGLE_MAPS_API_KEY=KEY, GOOGLE_MAPS_LANGUAGE="fi") as running:
        yield running


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Return the addresses that the page asks for."""
    addresses: list[str] = []

    def on_request(request: Request) -> None:
        addresses.append(request.url)

    page.on("request", on_request)
    return addresses


@pytest.fixture
def told(page: Page) -> list[str]:
    """Return what the page is sent over its websockets."""
    messages: list[str] = []

    def on_message(message: str | bytes) -> None:
        messages.append(str(message))

    def on_socket(socket: WebSocket) -> None:
        socket.on("framereceived", on_message)

    page.on("websocket", on_socket)
    return messages


def test_without_a_key_nobody_else_is_asked(site: Site, page: Page, asked: list[str]) -> None:
    page.goto(f"{site.url}/stores")
    expect(by_id(page, "map-provider")).to_have_text("fallback", timeout=PATIENCE_MS)
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "map-notice")).to_have_count(0)
    # The ground has come, in part at least.
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    assert any("countries-" in one for one in asked)
    assert [one for one in asked if not one.startswith((site.url, "data:", "blob:"))] == []


def test_a_page_without_a_map_loads_nothing_of_it(site: Site, page: Page, asked: list[str]) -> None:
    page.goto(site.url)
    expect(by_id(page, "product-card").first).to_be_visible(timeout=PATIENCE_MS)
    expect(by_id(page, "map")).to_have_count(0)
    parts = ("store_map", "own_map", "google_map", "leaflet", "places-", "countries-")
    assert [one for one in asked if any(part in one for part in parts)] == []


def test_with_a_key_it_is_googles(site_with_key: Site, page: Page, told: list[str]) -> None:
    twin = GoogleMapsTwin(KEY)
    twin.stand_in(page.context)
    # Elsewhere nobody is told the key.
    page.goto(site_with_key.url)
    expect(by_id(page, "product-card").first).to_be_visible(timeout=PATIENCE_MS)
    assert told
    assert not [message for message in told if KEY in message]

    page.goto(f"{site_with_key.url}/stores")
    expect(by_id(page, "map-provider")).to_have_text("google", timeout=PATIENCE_MS)
    expect(by_id(page, "store-marker").first).to_be_visible(timeout=PATIENCE_MS)
    assert [message for message in told if KEY in message]
    assert (twin.asked[0]["key"], twin.asked[0]["language"]) == (KEY, "fi")
    assert "region" not in twin.asked[0]
    assert twin.refused == []


def test_the_key_is_in_no_file(site_with_key: Site) -> None:
    """Neither in the build, which anybody can read as a whole, nor in a log."""
    files = [
        file
        for folder in ("web", "logs")
        for file in (site_with_key.folder / folder).rglob("*")
        if file.is_file()
    ]
    assert {file.suffix for file in files} >= {".js", ".html", ".log"}
    assert [file for file in files if KEY.encode() in file.read_bytes()] == []
