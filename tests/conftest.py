"""What every test may rely on: settings of its own, never those of the machine it runs on.

site      the built program as it runs, for those that ask for it (session)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest

from app.acting import ActorKind, acts
from app.config import Settings, settings
from tests.site import site

__all__ = ["nobody_acts", "own_settings", "site"]

# The first test of a site waits until its pages are built, which a busy machine takes minutes for.
START_SECONDS = 1200

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long a busy machine takes for an example says nothing about what is tested.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the settings of this machine: a test must not reach somebody's real services."""
    names = {name.upper() for name in Settings.model_fields}
    with pytest.MonkeyPatch.context() as patch:
        for name in names & set(os.environ):
            patch.delenv(name)
        patch.setenv("APP_ENV", "ci")
        # Hundreds of tests come from one address; those about the limits set them.
        patch.setenv("RATE_LIMITS", "0")
        patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("nothing-runs-here")))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def nobody_acts() -> None:
    """Begin each test as nobody, whoever acted at the end of the one before."""
    acts(kind=ActorKind.NOBODY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: their event loop stays open and would refuse asynchronous ones."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
    for item in items:
        if {"e2e", "security"} & set(item.path.parts):
            item.add_marker(pytest.mark.timeout(START_SECONDS))
