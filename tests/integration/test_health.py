"""What the program says about its health: at `/ready`, and to the doctor."""

from __future__ import annotations

import asyncio
from itertools import count
from threading import Barrier, Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from app import db
from app.api.rest import create_rest
from app.cli import cli
from app.config import settings
from app.errors import Unavailable
from app.models.feeds import Feed, Supplier
from app.services.feeds.demo import DEMO_FEEDS
from app.services.operations import health
from app.services.operations.health import Check, readiness, ready_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.work import Work

PATIENCE_SECONDS = 60.0


@pytest.fixture
def rest(database: None, patient: None) -> Iterator[TestClient]:  # noqa: ARG001 - on an empty database
    with TestClient(create_rest(), base_url=settings().public_url) as client:
        yield client


def test_ready_with_everything_there(rest: TestClient) -> None:
    answer = rest.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert set(answer.json()["checks"]) == {"database", "redis", "bucket", "first-sync"}
    assert answer.headers["cache-control"] == "no-store"


def test_not_ready_before_the_first_sync_of_a_demo_feed(work: Work, rest: TestClient) -> None:
    supplier = Supplier(name="Verkko Tools", order_email="orders@verkko-tools.example")
    work.session.add(supplier)
    work.session.flush()
    assert supplier.id is not None
    name = min(DEMO_FEEDS)
    work.session.add(Feed(name=name, supplier_id=supplier.id, url="http://127.0.0.1:1/"))
    work.session.add(Feed(name="somebody's", supplier_id=supplier.id, url="http://127.0.0.1:1/"))
    work.session.commit()
    answer = rest.get("/ready")
    assert answer.status_code == 503
    first_sync = answer.json()["checks"]["first-sync"]
    assert first_sync["ok"] is False
    assert first_sync["sentence"] == f"The first sync is not done: {name}."
    assert rest.get("/health").json() == {"status": "alive"}


def test_not_ready_at_an_older_migration(rest: TestClient) -> None:
    with db.owner_engine().begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        answer = rest.get("/ready")
    finally:
        with db.owner_engine().begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :before"), {"before": before}
            )
    assert answer.status_code == 503
    assert "at migration 0001" in answer.json()["checks"]["database"]["sentence"]


async def test_many_who_ask_together_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, go_on = count(1), Event()

    def look() -> str:
        number = next(looks)
        go_on.wait(10.0)
        return str(number)

    monkeypatch.setattr(health, "CHECKS", (Check("look", look, 20.0),))
    first = asyncio.create_task(ready_now())
    await asyncio.sleep(0)
    others = [asyncio.create_task(ready_now()) for _ in range(50)]
    await asyncio.sleep(0)
    go_on.set()
    assert (await first).checks[0].sentence == "1"
    # What had begun before they asked is no answer to them.
    assert {(await other).checks[0].sentence for other in others} == {"2"}
    assert next(looks) == 3


async def test_checks_run_at_once_and_each_has_its_time() -> None:
    over, met, left = Event(), Barrier(2), Event()

    def stuck() -> str:
        over.wait()
        left.set()
        return "at last"

    def fine() -> str:
        met.wait(PATIENCE_SECONDS)
        return "here"

    def broken() -> str:
        raise Unavailable("It is away.")

    def surprising() -> str:
        raise ValueError("nobody thought of this")

    found = await readiness(
        (
            Check("stuck", stuck, 0.1),
            Check("broken", broken, PATIENCE_SECONDS),
            Check("surprising", surprising, PATIENCE_SECONDS),
            # Two that meet run at once.
            Check("fine", fine, PATIENCE_SECONDS),
            Check("fine as well", fine, PATIENCE_SECONDS),
        )
    )
    # Nobody has waited for what does not answer.
    assert not left.is_set()
    over.set()
    assert not found.ready
    assert [(check.name, check.ok, check.sentence) for check in found.checks] == [
        ("stuck", False, "No answer within 0.1 s."),
        ("broken", False, "It is away."),
        ("surprising", False, "The check itself failed; see the log."),
        ("fine", True, "here"),
        ("fine as well", True, "here"),
    ]


@pytest.mark.usefixtures("database", "patient")
def test_the_doctor_names_what_is_wrong_and_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:secret-word@127.0.0.1:1/0")
    settings.cache_clear()
    try:
        result = CliRunner().invoke(cli, ["doctor"])
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert result.exit_code == 1
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    redis = (
        "wrong redis Redis does not answer: start the program with `make up`, or mend REDIS_URL."
    )
    assert redis in lines
    assert any(line.startswith("ok database Postgres 18") for line in lines)
    assert "ok bucket gives back what is put into it" in lines
    assert any(line.startswith("wrong sign-in Nobody can sign in") for line in lines)
    assert "secret-word" not in result.stdout
