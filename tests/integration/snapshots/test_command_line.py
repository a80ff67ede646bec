"""`python -m app snapshot …`: what a person or a script gets to see, and the exit codes."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import orjson
import pytest

from app.services.snapshots.manifest import NAME
from tests.integration.snapshots.conftest import folder, shown, taken
from tests.running import run_program

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from app.integrations.bucket import S3Bucket

# A command takes a minute to begin on a busy machine.
pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.timeout(1200)]


def run(*arguments: str) -> CompletedProcess[str]:
    """Run a command as a person does."""
    return run_program("snapshot", *arguments)


def test_taking_one_and_waiting_for_it_prints_one_line() -> None:
    began = monotonic()
    done = run("take", "--query", "q=bottle", "--wait", "--json")
    took = monotonic() - began
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    said = orjson.loads(line)
    assert list(said) == ["id", "rows", "seconds", "bytes", "root_hash"]
    snapshot = shown(said["id"])
    assert (said["rows"], said["bytes"]) == (2, snapshot.bytes)
    assert said["root_hash"] == snapshot.root_hash
    assert 0 < said["seconds"] < took
    assert (snapshot.state, snapshot.trigger) == ("stored", "command line")


def test_without_waiting_a_worker_takes_it() -> None:
    done = run("take")
    assert done.returncode == 0, done.stderr
    assert "queued" in done.stdout
    assert "queued" in run("list").stdout


def test_a_query_that_names_nothing_is_refused_in_one_sentence() -> None:
    done = run("take", "--query", "supplier=99", "--wait")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The search names a supplier")


def test_verifying_tells_by_the_exit_code(bucket: S3Bucket) -> None:
    snapshot = taken()
    sound = run("verify", str(snapshot.id), "--json")
    assert sound.returncode == 0, sound.stderr
    assert orjson.loads(sound.stdout)["sound"] is True
    bucket.delete(folder(snapshot) + NAME)
    damaged = run("verify", str(snapshot.id), "--json")
    assert damaged.returncode == 1
    assert orjson.loads(damaged.stdout)["damage"] == ["The manifest is missing."]
    assert "The manifest is missing" in damaged.stderr
    assert run("verify", "nonsense").returncode == 1


def test_retention_says_and_only_deletes_when_told() -> None:
    taken()
    said = run("retention")
    assert "kept: recent" in said.stdout
    assert said.stdout.endswith("0 of 1 would be deleted: --delete does it.\n")
    assert run("retention", "--delete").stdout.endswith("0 of 1 deleted.\n")
