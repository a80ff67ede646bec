"""A browser to look at the built program, `site` of `tests.site`.

browser   Chromium (session)
page      a new window of its own; the test fails when the page reports an error
opens     opens a page with nothing but a map, see `tests.map_page`
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from app.config import PROJECT_ROOT
from tests.e2e.browser import ARGUMENTS, chromium, node
from tests.e2e.journeys import PATIENCE_MS
from tests.map_page import STORES, build, has_packages, map_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.map_page import Opens

PICTURES = PROJECT_ROOT / "test-results"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Launch Chromium."""
    found = chromium()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = node()
    # Also where a test says nothing of it: five seconds are a moment on a busy machine.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found.executable,
            args=list(ARGUMENTS),
            env={**found.environment} or None,
        )
        yield launched
        launched.close()


@pytest.fixture
def problems() -> list[str]:
    """Return what the pages of this test have complained about; a test may expect and clear it."""
    return []


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, problems: list[str]) -> Iterator[Page]:
    """Open a window that nobody has used before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = context.new_page()
    watch(opened, problems)
    yield opened
    if request.session.testsfailed:
        PICTURES.mkdir(exist_ok=True)
        opened.screenshot(path=PICTURES / f"{request.node.name}.png")
    context.close()
    assert not problems, "the page reported errors"


def watch(page: Page, problems: list[str]) -> None:
    """Collect what goes wrong on a page in `problems`; for windows a test opens itself."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_error(error: Error) -> None:
        problems.append(f"script: {error.message}")

    page.on("console", on_console)
    page.on("pageerror", on_error)


@pytest.fixture(scope="session")
def built_map(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page of `opens`, with the packages that the program's own build has fetched."""
    if not has_packages():
        request.getfixturevalue("site")
    return build(tmp_path_factory.mktemp("map-page"))


@pytest.fixture
def opens(browser: Browser, built_map: Path) -> Opens:
    """Return what opens a page with some stores on a map."""
    return partial(map_page, browser, built_map, marks=STORES)
