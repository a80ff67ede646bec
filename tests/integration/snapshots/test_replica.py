"""A snapshot that is captured on a replica: a second Postgres that follows the first one."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app import db
from app.config import settings
from app.embedded.child import preparation
from app.embedded.folder import DataFolder
from app.embedded.ports import free_port, is_free
from app.embedded.postgres import binary, database_url, postgres
from app.errors import Unavailable
from app.integrations.arrow.source import Stream
from app.models.columns import now, stored
from app.services.operations.doctor import CHECKS
from app.services.snapshots import request_snapshot
from app.services.snapshots.capture import capture_snapshot
from app.work import within
from tests.integration.snapshots.conftest import (
    INSTALLATION,
    everything_kept,
    read_by_duckdb,
    row_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.integrations.bucket import S3Bucket
    from app.models.snapshots import Snapshot

pytestmark = pytest.mark.usefixtures("catalogue")

PATIENCE_SECONDS = 60


def owner_url() -> str:
    """Return the URL of the primary as its owner, as libpq reads it."""
    given = settings().database_owner_url
    assert given is not None
    return given.get_secret_value().replace("postgresql+psycopg://", "postgresql://")


def asked(url: str, statement: str) -> Any:
    """Run one statement by itself; return the one value of its answer."""
    with psycopg.connect(url, autocommit=True) as connection:
        answer = connection.execute(statement.encode())
        row = answer.fetchone() if answer.description else None
    return row[0] if row else None


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fail where it never does."""
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 20):
        if holds():
            return
        pause.wait(0.05)
    pytest.fail("It never came to that.")


@contextmanager
def following(folder: Path) -> Iterator[str]:
    """Run a replica of the database of the tests; yields its URL, as its owner."""
    primary = urlsplit(owner_url())
    with DataFolder(folder).held() as data:
        copy_the_primary(data)
        child, port = start(data)
        try:
            yield database_url(primary.username or "", primary.password or "", port)
        finally:
            child.send_signal(signal.SIGINT)
            child.wait()


def copy_the_primary(data: DataFolder) -> None:
    """Copy the primary as it is now."""
    into = data.path / "postgres"
    copied = subprocess.run(
        [binary("pg_basebackup"), "-d", owner_url(), "-D", str(into), "-R", "-X", "stream",
         "--checkpoint=fast"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert copied.returncode == 0, copied.stderr


def start(data: DataFolder) -> tuple[subprocess.Popen[bytes], int]:
    """Start the copy and wait until it answers; return it and its port."""
    primary = urlsplit(owner_url())
    while True:
        port = free_port()
        child = follow(data, port)
        url = database_url(primary.username or "", primary.password or "", port)
        wait_until(lambda child=child, url=url: child.poll() is not None or answers(url))
        if child.poll() is None:
            return child, port
        # It ends at once where somebody else has taken the port meanwhile, and only there.
        assert not is_free(port), "the replica has ended"


def follow(data: DataFolder, port: int) -> subprocess.Popen[bytes]:
    """Start what follows the primary; it does not wait for those who read."""
    child = postgres(data, port, careless=True)
    return subprocess.Popen(
        [*child.command, "-c", "max_standby_streaming_delay=0"],
        env=child.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=preparation(child),  # noqa: PLW1509 - nothing else runs by now
    )


def answers(url: str) -> bool:
    """Tell whether the replica can be asked."""
    try:
        return asked(url, "SELECT pg_is_in_recovery()") is True
    except psycopg.OperationalError:
        return False


@pytest.fixture(scope="module")
def replica_url(services: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: ARG001 - what it follows
    with following(tmp_path_factory.mktemp("replica")) as url:
        yield url


@pytest.fixture
def replica(replica_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the program read from the replica, which has caught up."""
    catch_up(replica_url)
    monkeypatch.setenv("DATABASE_REPLICA_URL", replica_url)
    settings.cache_clear()
    yield replica_url
    db.reading_engine().dispose()
    monkeypatch.undo()
    settings.cache_clear()
    asked(replica_url, "SELECT pg_wal_replay_resume()")


def catch_up(url: str) -> None:
    """Wait until the replica has followed all there is."""
    # Behind all there is, and the end of it: where the next would begin can be a little further on.
    written = asked(owner_url(), "SELECT pg_logical_emit_message(false, 'test', 'here', true)")
    wait_until(lambda: asked(url, f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"))


def stand_still(url: str) -> None:
    """Let the replica follow no more, and so take nothing away, until it is told to."""
    asked(url, "SELECT pg_wal_replay_pause()")
    wait_until(lambda: asked(url, "SELECT pg_get_wal_replay_pause_state()") == "paused")


def is_anybody_reading(url: str) -> bool:
    """Tell whether something is kept open on the replica."""
    return asked(url, "SELECT count(*) FROM pg_stat_activity WHERE state ^@ 'idle in'") > 0


def captured() -> Snapshot:
    """Take a snapshot of everything; return what the primary knows of it."""
    asked_for = within(request_snapshot, viewer=INSTALLATION, queued=False)
    capture_snapshot(snapshot_id=asked_for.id)
    return row_of(asked_for.id)


def test_what_is_captured_is_the_replica_s_and_of_the_moment_it_knows(
    replica: str, bucket: S3Bucket, tmp_path: Path
) -> None:
    stand_still(replica)
    began = now()
    asked(owner_url(), "UPDATE product SET price_minor = 1")
    snapshot = captured()
    assert snapshot.taken_at is not None
    # It does not know of the change, and does not say that it would.
    assert snapshot.taken_at < began
    prices = {row["price_minor"] for row in read_by_duckdb(bucket, tmp_path)}
    assert prices == {12_345, 1_000, 0}
    [check] = (check for check in CHECKS if check.name == "replica")
    assert "s behind" in check.ask()
    asked(replica, "SELECT pg_wal_replay_resume()")
    catch_up(replica)
    stand_still(replica)
    second = captured()
    assert second.taken_at is not None
    assert second.taken_at >= began
    rows = read_by_duckdb(bucket, tmp_path)
    assert {row["price_minor"] for row in rows if row["snapshot"] == str(second.id)} == {1}


def test_what_the_replica_takes_away_is_captured_by_the_next_try(
    replica: str, bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = Stream.__enter__

    def after_a_conflict(self: Stream) -> Stream:
        # What is kept open on the replica for the capture goes away under it.
        assert is_anybody_reading(replica)
        wait_until(is_taken_away)
        return connect(self)

    def is_taken_away() -> bool:
        # Not yet, where autovacuum looks at what was there before.
        asked(owner_url(), "UPDATE product SET stock = stock + 1")
        asked(owner_url(), "VACUUM product")
        catch_up(replica)
        return not is_anybody_reading(replica)

    monkeypatch.setattr(Stream, "__enter__", after_a_conflict)
    with pytest.raises(Unavailable):
        captured()
    monkeypatch.setattr(Stream, "__enter__", connect)
    left = [found.key for found in bucket.kept("snapshots/")]
    assert left == []
    stand_still(replica)
    snapshot = captured()
    assert (snapshot.rows, snapshot.state) == (3, "stored")
    assert everything_kept(bucket, stored(snapshot.id)) == ["manifest.json", "part-00000.parquet"]
