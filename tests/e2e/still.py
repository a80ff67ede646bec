"""The feeds of a running installation, held while a test changes or counts what they bring."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site import Site

PATIENCE_SECONDS = 300.0
UNDER_WAY = "SELECT count(*) FROM job WHERE queue = 'feeds' AND finished_at IS NULL"


@contextmanager
def no_sync(site: Site) -> Iterator[None]:
    """Pull no feed until the end: each quarter of an hour one puts back what a test has changed."""
    with psycopg.connect(site.running["DATABASE_OWNER_URL"], autocommit=True) as connection:
        due = connection.execute("SELECT due_at, id FROM feed").fetchall()
        connection.execute("UPDATE feed SET due_at = NULL")
        deadline = monotonic() + PATIENCE_SECONDS
        while connection.execute(UNDER_WAY).fetchone() != (0,):
            assert monotonic() < deadline, "the feeds do not come to rest"
            connection.execute("SELECT pg_sleep(0.1)")
        yield
        connection.cursor().executemany("UPDATE feed SET due_at = %s WHERE id = %s", due)
