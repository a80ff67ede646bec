"""The running program as an attacker meets it: by its address, with people of their own making.

inside    the settings of this process lead to the services of the running program (package)
owner     somebody with an order, an address, a basket and a session (package)
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from app import db
from app.config import settings
from tests.security.scene import Owner, an_owner
from tests.security.tally import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site import Site


@pytest.fixture(scope="package")
def inside(site: Site) -> Iterator[Site]:
    """Work on what the running program works on, which does nothing by itself meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in site.running.items():
            patch.setenv(name, value)
        patch.setenv("APP_PORT", str(urlsplit(site.url).port))
        patch.setenv("DATA_DIR", str(site.folder))
        settings.cache_clear()
        with psycopg.connect(site.running["DATABASE_OWNER_URL"], autocommit=True) as connection:
            feeds = connection.execute("SELECT id, due_at FROM feed").fetchall()
            jobs = connection.execute("SELECT name, due_at FROM schedule").fetchall()
            connection.execute("UPDATE feed SET due_at = NULL")
            connection.execute("UPDATE schedule SET due_at = NULL")
            yield site
            for feed, moment in feeds:
                connection.execute("UPDATE feed SET due_at = %s WHERE id = %s", [moment, feed])
            for job, moment in jobs:
                connection.execute("UPDATE schedule SET due_at = %s WHERE name = %s", [moment, job])
        db.engine().dispose()
    settings.cache_clear()


@pytest.fixture(scope="package")
def owner(inside: Site) -> Owner:
    """Have somebody who has things of their own."""
    return an_owner(inside.running["DATABASE_OWNER_URL"])


@pytest.fixture
def port(inside: Site) -> int:
    """Return where the program listens."""
    found = urlsplit(inside.url).port
    assert found
    return found


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the answers of a hostile provider too, where they were tried in this run."""
    if report.when == "call" and "test_hostile_provider" in report.nodeid:
        tally.tried += 1
        tally.refused += report.passed


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say as the last line of all what was tried, and what came of it."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and tally.tried:
        tally.keep()
        reporter.write_line(tally.line())
