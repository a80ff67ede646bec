"""The embedded services as a person has them: started, killed, stopped and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import redis

from app.config import PROJECT_ROOT
from app.embedded import folder as folder_module
from app.embedded.fitted import fitted, memory_bytes
from app.embedded.folder import DataFolder
from app.errors import Misconfigured
from app.setting_files import RUNNING_FILE
from tests.running import clean_environment, started

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 120.0


def eventually(answer: Callable[[], Any]) -> Any:
    """Ask until the answer is true and return it; errors count as no."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if given := answer():
                return given
        except (OSError, psycopg.Error, redis.RedisError):
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.05)


def processes_of(folder: Path) -> dict[int, str]:
    """Return the living processes that name `folder` on their command line or work in it."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_text().replace("\0", " ")
            where = os.readlink(entry / "cwd")  # noqa: PTH115 - a text is enough
        except OSError:
            continue
        if str(folder) in command or where.startswith(str(folder)):
            found[int(entry.name)] = command
    return found


def the(name: str, folder: Path) -> int:
    """Return the one process whose command holds `name`."""
    return next(pid for pid, command in processes_of(folder).items() if name in command)


def set_when_started(connection: psycopg.Connection) -> set[str]:
    """Return the names of the settings that the server was started with."""
    rows = connection.execute("SELECT name FROM pg_settings WHERE source = 'command line'")
    return {name for (name,) in rows}


def test_data_outlives_kills_and_restarts(tmp_path: Path) -> None:
    folder = tmp_path / "data with spaces and ü"
    with started(folder, "services", until="ready") as running:
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert ((folder / RUNNING_FILE).stat().st_mode & 0o777) == 0o600
        url = running["DATABASE_OWNER_URL"]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            assert set_when_started(connection) >= set(fitted(memory_bytes()))
        os.kill(the("bin/postgres ", folder), signal.SIGKILL)
        os.kill(the("valkey-server", folder), signal.SIGKILL)

        def answer() -> tuple[int] | None:
            with psycopg.connect(url) as connection:
                return connection.execute("SELECT answer FROM kept").fetchone()

        assert eventually(answer) == (42,)
        assert eventually(lambda: redis.Redis.from_url(running["REDIS_URL"]).ping())
    assert not (folder / RUNNING_FILE).exists()
    assert eventually(lambda: not processes_of(folder))
    with started(folder, "services", until="ready") as again:
        assert again["DATABASE_OWNER_URL"] == url
        assert answer() == (42,)


def test_nothing_is_left_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    with started(tmp_path, "services", until="ready"):
        os.kill(the("-m app services", tmp_path), signal.SIGKILL)
        assert eventually(lambda: not processes_of(tmp_path))
    with started(tmp_path, "services", until="ready") as running:
        assert redis.Redis.from_url(running["REDIS_URL"]).ping()


def test_a_wrong_password_opens_nothing(tmp_path: Path) -> None:
    with started(tmp_path, "services", until="ready") as running:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(running["DATABASE_URL"].replace("program:", "program:x"))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(running["DATABASE_OWNER_URL"].replace("app:", "app:x"))
        port = running["REDIS_URL"].rpartition(":")[2].partition("/")[0]
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=int(port)).ping()


def test_a_folder_from_before_the_programs_own_role_goes_on_working(tmp_path: Path) -> None:
    with (
        started(tmp_path, "services", until="ready") as running,
        psycopg.connect(running["DATABASE_OWNER_URL"], autocommit=True) as connection,
    ):
        connection.execute("DROP OWNED BY program")
        connection.execute("DROP ROLE program")
    secrets = json.loads((tmp_path / "secrets.json").read_text())
    del secrets["postgres_working_password"]
    (tmp_path / "secrets.json").write_text(json.dumps(secrets))
    with (
        started(tmp_path, "services", until="ready") as running,
        psycopg.connect(running["DATABASE_URL"]) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM product").fetchone() == (0,)


def sentence_of(folder: Path, *arguments: str) -> str:
    """Return what the program says when it refuses to start."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments, f"--data-dir={folder}"],
        cwd=PROJECT_ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_one_folder_serves_one_installation_at_a_time(tmp_path: Path) -> None:
    with DataFolder(tmp_path).held():
        assert "is in use by an installation that is running" in sentence_of(tmp_path, "services")


def test_a_folder_of_another_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("0\n")
    assert "has layout '0' and this program needs '1'" in sentence_of(tmp_path, "services")
    assert [entry.name for entry in tmp_path.iterdir()] == ["version"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "holds other things (thesis.txt)" in sentence_of(tmp_path, "services")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = sentence_of(tmp_path, "up", f"--port={port}")
    assert f"Port {port} is taken by another program" in said


def test_a_full_disk_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "NEEDED_BYTES", 2**62)
    with pytest.raises(Misconfigured, match="is full"), DataFolder(tmp_path).held():
        pass


def test_an_error_of_the_disk_becomes_one_sentence(tmp_path: Path) -> None:
    full = folder_module.sentence_about(tmp_path, OSError(28, "No space left on device"))
    assert full.endswith("is full: free some space and start again.")
    closed = folder_module.sentence_about(tmp_path, PermissionError(13, "Permission denied"))
    assert "belongs to somebody else" in closed
