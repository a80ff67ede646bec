"""Telling other processes that something on an open page has changed.

Only topics travel, never contents: whoever is told reads the database under the rights of the one
who looks. Topics: `order:<number>`, `orders:<person id>`, `orders:all`, `basket:<person id>`,
`feeds`, `catalogue`, `mailbox`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.integrations.redis import RedisError, cache_client

if TYPE_CHECKING:
    from collections.abc import Iterable

CHANNEL = "live"

log = logging.getLogger(__name__)


def announce(topics: Iterable[str]) -> None:
    """Publish `topics` to every process. A Redis that is away only delays open pages."""
    try:
        cache_client().publish(CHANNEL, "\n".join(sorted(topics)))
    except RedisError as problem:
        log.warning("Open pages were not told of a change: %s", problem)
