"""Local copies of parts: bounded, checked, fetched once, and never taken from who reads them."""

from __future__ import annotations

import fcntl
import hashlib
import multiprocessing
import os
from contextlib import ExitStack
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from app.errors import Unavailable
from app.integrations.arrow.local import Damaged, LocalParts
from app.views.snapshots import SnapshotPart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 1_000


class Store:
    """What a bucket holds, and how often it was asked."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.contents: dict[str, bytes] = {}
        self.asked: list[str] = []

    def part(self, name: str, size: int = 300) -> SnapshotPart:
        """Hold a part that says its name again and again."""
        content = (name.encode() * size)[:size]
        self.contents[name] = content
        return SnapshotPart(
            key=name, name=name, rows=1, bytes=size, sha256=hashlib.sha256(content).hexdigest()
        )

    def chunks(self, key: str) -> Iterator[bytes]:
        """Give it in two pieces."""
        self.asked.append(key)
        content = self.contents[key]
        yield content[:100]
        yield content[100:]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def local(tmp_path: Path) -> LocalParts:
    return LocalParts(tmp_path / "parts", most_bytes=MOST)


def _kept(folder: Path) -> set[str]:
    return {path.read_bytes()[:1].decode() for path in folder.glob("*.parquet")}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _read(local: LocalParts, store: Store, *parts: SnapshotPart) -> list[bytes]:
    with local.held(parts, chunks=store.chunks) as files:
        return [file.read_bytes() for file in files]


def test_a_part_is_fetched_once_and_given_again(local: LocalParts, store: Store) -> None:
    one, two = store.part("a"), store.part("b")
    assert _read(local, store, one, two) == [store.contents["a"], store.contents["b"]]
    assert _read(local, store, two, one) == [store.contents["b"], store.contents["a"]]
    assert store.asked == ["a", "b"]


def test_what_was_used_longest_ago_makes_room(
    local: LocalParts, store: Store, tmp_path: Path
) -> None:
    parts = {name: store.part(name) for name in "abcd"}
    for name in "abc":
        _read(local, store, parts[name])
    _read(local, store, parts["a"])
    _read(local, store, parts["d"])
    assert _kept(tmp_path / "parts") == {"a", "c", "d"}
    assert _size(tmp_path / "parts") <= MOST


def test_what_is_being_read_stays_and_the_bound_holds(
    local: LocalParts, store: Store, tmp_path: Path
) -> None:
    with ExitStack() as reading:
        for name in "abc":
            reading.enter_context(local.held([store.part(name)], chunks=store.chunks))
        with pytest.raises(Unavailable, match="Too many"):
            _read(local, store, store.part("d"))
        assert _kept(tmp_path / "parts") == {"a", "b", "c"}
    _read(local, store, store.part("d"))
    assert _size(tmp_path / "parts") <= MOST


def test_more_than_fits_at_all_is_refused_before_anything_is_fetched(
    local: LocalParts, store: Store
) -> None:
    with pytest.raises(Unavailable, match="SNAPSHOT_CACHE"):
        _read(local, store, store.part("a", 600), store.part("b", 600))
    assert store.asked == []


def test_a_damaged_copy_is_fetched_again(local: LocalParts, store: Store, tmp_path: Path) -> None:
    part = store.part("a")
    _read(local, store, part)
    (copy,) = (tmp_path / "parts").glob("*.parquet")
    before = copy.stat()
    with copy.open("r+b") as file:
        file.write(b"x")
    # A clock of the file system that ticks seldom would give both the same moment.
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))
    assert _read(local, store, part) == [store.contents["a"]]
    assert store.asked == ["a", "a"]


def test_a_copy_that_was_damaged_while_nobody_ran_is_fetched_again(
    local: LocalParts, store: Store, tmp_path: Path
) -> None:
    part = store.part("a")
    _read(local, store, part)
    (copy,) = (tmp_path / "parts").glob("*.parquet")
    before = copy.stat()
    copy.write_bytes(b"x" * before.st_size)
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    anew = LocalParts(tmp_path / "parts", most_bytes=MOST)
    assert _read(anew, store, part) == [store.contents["a"]]


@pytest.mark.parametrize("given", [b"", b"a" * 299, b"a" * 301, b"b" * 300])
def test_what_is_another_than_was_stored_is_not_kept(
    local: LocalParts, store: Store, tmp_path: Path, given: bytes
) -> None:
    part = store.part("a")
    store.contents["a"] = given
    with pytest.raises(Damaged, match="a is not what was stored"):
        _read(local, store, part)
    assert _size(tmp_path / "parts") == 0


def test_what_a_dead_process_left_makes_room(
    local: LocalParts, store: Store, tmp_path: Path
) -> None:
    _read(local, store, store.part("a"))
    left = tmp_path / "parts" / "left.new"
    left.write_bytes(b"x" * 600)
    os.utime(left, (0, 0))
    _read(local, store, store.part("b"), store.part("c"))
    assert not left.exists()


def test_threads_that_want_the_same_part_fetch_it_once(local: LocalParts, store: Store) -> None:
    part, found = store.part("a"), []
    together = Barrier(4)

    def read() -> None:
        together.wait()
        found.append(_read(local, store, part))

    threads = [Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[store.contents["a"]]] * 4
    assert store.asked == ["a"]


def _churn(folder: Path, seed: int) -> None:
    """Read parts in an order of one's own, more of them than fit."""
    store, local = Store(), LocalParts(folder, most_bytes=MOST)
    parts = [store.part(name, 200) for name in "abcdefgh"]
    for turn in range(40):
        part = parts[(turn * seed) % len(parts)]
        assert _read(local, store, part) == [store.contents[part.key]]
        with (folder / "lock").open("ab") as nobody_reserves:
            fcntl.flock(nobody_reserves, fcntl.LOCK_EX)
            assert sum(path.stat().st_size for path in folder.iterdir()) <= MOST


def test_processes_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    fresh = multiprocessing.get_context("spawn")
    processes = [fresh.Process(target=_churn, args=(folder, seed)) for seed in (1, 3, 5)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert not list(folder.glob("*.new"))
