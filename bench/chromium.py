"""The browser of the benches."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.e2e.browser import ARGUMENTS, chromium, node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run Chromium until the block ends."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = node()
    found = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.executable,
            args=list(ARGUMENTS),
            env={**found.environment} or None,
        )
        with closing(browser):
            yield browser
