"""The built program, started as a person starts it: once for all tests that need it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.embedded.ports import free_port
from tests.running import clean_environment, started

if TYPE_CHECKING:
    from collections.abc import Iterator

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
