"""The built program, started as a person starts it, and a browser to look at it.

site      its address, and its settings as other commands see them (session)
browser   Chromium (session)
page      a new window of its own; the test fails when the page reports an error
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from app.config import PROJECT_ROOT
from app.embedded.ports import free_port
from tests.e2e.browser import ARGUMENTS, chromium, node
from tests.running import clean_environment, started

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES = PROJECT_ROOT / "test-results"
SUMMARY = "AnythingYouWantt runs"


@dataclass(frozen=True, slots=True)
class Site:
    """A running installation: its address, data folder and how its services are reached."""

    url: str
    folder: Path
    running: dict[str, str]

    def environment(self) -> dict[str, str]:
        """Return the environment in which another command works on this installation."""
        return clean_environment(APP_ENV="local", DATA_DIR=str(self.folder))


@pytest.fixture(scope="session")
def site(
    own_settings: None,  # noqa: ARG001 - first hide the machine's settings
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Start the whole program on free ports with an empty data folder and its demo data."""
    with run_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@contextmanager
def run_site(folder: Path, **environment: str) -> Iterator[Site]:
    """Run the whole program in `folder` until the block ends."""
    port = free_port()
    # One address sends what many people would: limits are what other tests are about.
    named = {"APP_ENV": "local", "RATE_LIMITS": "100", **environment}
    with started(folder, "up", f"--port={port}", until=SUMMARY, environment=named) as running:
        yield Site(f"http://localhost:{port}", folder, running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Launch Chromium."""
    found = chromium()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = node()
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
