"""The program, with nobody looking at any page of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from state.live import hub
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from redis import Redis
    from reflex import App


@pytest.fixture
def port(web: tuple[int, App], database: None, redis: Redis) -> int:  # noqa: ARG001 - empty ones
    """Return where the program listens, with nobody looking at anything."""
    wait_until(lambda: not hub.topics, "pages of another test are still open")
    return web[0]
