"""Real Postgres, Valkey and bucket, started once per test process and emptied for each test.

    services   all three run and the settings point to them (session)
    database   the migrated database, empty, and nothing refused so far
    work       an open unit of work on it, committed after the test
    redis      the client of an empty Valkey
    bucket     the S3 bucket; tests choose keys of their own
    web        the port of the whole program, served in this process, and the program (module)
    patient    checks of the health that wait as long as a busy machine takes

With `pytest -n N` each worker has all of it to itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import app.models  # noqa: F401 - registers every table, for those who empty them
from app import db
from app.config import settings
from app.integrations import cache
from app.integrations.bucket import S3Bucket, configured_bucket
from app.integrations.redis import cache_client
from app.services.audit import refusals
from app.services.operations import doctor, health
from app.work import open_work
from tests.factories.database import empty_database
from tests.integration.program import serving_program
from tests.running import started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis
    from reflex import App

    from app.services.operations.health import Check
    from app.work import Work

# What a busy machine takes for an answer says nothing about what is tested.
PATIENCE_SECONDS: Final = 60.0


@pytest.fixture(scope="session")
def services(
    own_settings: None,  # noqa: ARG001 - first hide the machine's settings
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Start Postgres (migrated), Valkey and the bucket on free ports."""
    folder = tmp_path_factory.mktemp("services")
    with (
        started(folder, "services", "--careless", until="ready") as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        # In the environment, where they win over any file of this machine.
        for name, value in running.items():
            patch.setenv(name, value)
        patch.setenv("DATA_DIR", str(folder))
        for name in ("CONNECT_TIMEOUT_SECONDS", "ANSWER_TIMEOUT_SECONDS"):
            patch.setattr(f"app.integrations.redis.{name}", PATIENCE_SECONDS)
        # The web bounds its process, which here is that of the workers and of the tests as well.
        patch.setattr(db, "_bounds", [])
        patch.setattr(db, "bound_transactions", lambda: None)
        settings.cache_clear()
        configured_bucket.cache_clear()
        yield
        db.engine().dispose()
        db.owner_engine().dispose()
    settings.cache_clear()
    configured_bucket.cache_clear()


@pytest.fixture
def database(services: None) -> None:  # noqa: ARG001 - what it empties
    """Empty every table that holds something, number from 1 again, and forget what was refused."""
    refusals._refusals.take()  # noqa: SLF001 - nothing but a test forgets it  # pyright: ignore[reportPrivateUsage] - the same
    empty_database()


@pytest.fixture
def work(database: None) -> Iterator[Work]:  # noqa: ARG001 - on an empty database
    """Open a unit of work; it commits after the test."""
    with open_work() as opened:
        yield opened


@pytest.fixture
def redis(services: None) -> Redis:  # noqa: ARG001 - what it empties
    """Return the client of an empty Valkey, which the program asks whatever a test did before."""
    client = cache_client()
    client.flushall()
    cache.rest_is_over()
    return client


@pytest.fixture(scope="module")
def web(
    services: None,  # noqa: ARG001 - what it runs on
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[int, App]]:
    """Serve the whole program, pages as they are declared but not built; yields its port."""
    with serving_program(tmp_path_factory.mktemp("web")) as served:
        yield served


@pytest.fixture
def bucket(services: None) -> S3Bucket:  # noqa: ARG001 - where it is
    """Return the bucket."""
    return configured_bucket()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each check of the health, and of the doctor, take its time."""

    def patient_ones(checks: tuple[Check, ...]) -> tuple[Check, ...]:
        return tuple(replace(check, seconds=PATIENCE_SECONDS) for check in checks)

    for module in (health, doctor):
        monkeypatch.setattr(module, "CHECKS", patient_ones(module.CHECKS))
