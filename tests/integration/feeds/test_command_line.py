"""`python -m app feed …`: what a person or a script gets to see, and the exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.running import run_program
from tests.suppliers import Reply, Supplier

# A command takes a minute to begin on a busy machine.
pytestmark = pytest.mark.timeout(1200)

MAPPING = {"records": "products", "name": "title", "currency": "'EUR'"}


if TYPE_CHECKING:
    from subprocess import CompletedProcess


def run(*arguments: str) -> CompletedProcess[str]:
    return run_program("feed", *arguments)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "mapping.json").write_bytes(orjson.dumps(MAPPING))
    (tmp_path / "paging.json").write_bytes(orjson.dumps({"style": "offset", "size": 40}))
    (tmp_path / "secret").write_text("k-1\n")
    return tmp_path


def added(supplier: Supplier, files: Path, *more: str) -> CompletedProcess[str]:
    return run(
        *("add", "tools", "--url", f"{supplier.url}/products", "--supplier", "Verkko"),
        *("--order-email", "orders@verkko.example"),
        *("--mapping", str(files / "mapping.json"), "--paging", str(files / "paging.json")),
        *more,
    )


@pytest.mark.usefixtures("database")
def test_add_sync_list_and_show(supplier: Supplier, files: Path, records: list[Any]) -> None:
    key = ("--authentication", "header", "--header-name", "X-Key", "--secret-file")
    assert "is registered" in added(supplier, files, *key, str(files / "secret")).stdout
    synced = run("sync", "tools", "--json")
    assert synced.returncode == 0, synced.stderr
    (line,) = synced.stdout.splitlines()
    counts = orjson.loads(line)
    assert counts.pop("seconds") > 0
    assert list(counts) == ["seen", "created", "changed", "unchanged", "withdrawn", "rejected"]
    assert list(counts.values()) == [100, 100, 0, 0, 0, 0]
    assert supplier.asked[0].headers["X-Key"] == "k-1"
    records.pop()
    assert "99 unchanged, 1 withdrawn" in run("sync", "tools").stdout
    assert "applied" in run("list").stdout
    shown = run("show", "tools").stdout
    assert orjson.loads(shown)["feed"]["products"] == 99
    assert "k-1" not in shown


@pytest.mark.usefixtures("database")
def test_a_sync_that_fails_exits_with_1_and_one_sentence(supplier: Supplier, files: Path) -> None:
    added(supplier, files)
    supplier.answer = lambda _asked: Reply(status=403)
    failed = run("sync", "tools", "--json")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.strip().splitlines()[-1].endswith("check the feed's authentication.")


@pytest.mark.usefixtures("database")
def test_what_cannot_be_added_is_said_in_one_sentence(supplier: Supplier, files: Path) -> None:
    assert added(supplier, files).returncode == 0
    assert "a feed named tools already" in added(supplier, files).stderr
    (files / "mapping.json").write_bytes(b'{"currency": "a[", "name": "title"}')
    broken = added(supplier, files)
    assert broken.returncode == 1
    assert "products.currency: 'a[' is not JMESPath" in broken.stderr
    (files / "mapping.json").write_bytes(b"{")
    assert "is not JSON" in added(supplier, files).stderr
    assert "There is no feed named other" in run("sync", "other").stderr
