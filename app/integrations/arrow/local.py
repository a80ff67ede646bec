"""Local copies of the parts of snapshots: bounded, checked, and shared by every process.

A copy has the hash of what it holds for its name, so it never grows stale; what was used longest
ago makes room. The files themselves carry the locks: whoever reads holds a shared one, whoever
downloads an exclusive one, and nobody removes what is locked. A process that dies lets go of all.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from app.config import settings
from app.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.views.snapshots import SnapshotPart

    Chunks = Callable[[str], Iterator[bytes]]

# What is kept, and what is being downloaded: its size counts from the first byte on.
KEPT: Final = ".parquet"
COMING: Final = ".new"

log = logging.getLogger(__name__)


class Damaged(Conflict):
    """What the bucket gave is not what was stored."""


class LocalParts:
    """Copies in one folder, which threads and processes may share."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        """Keep up to `most_bytes` in `folder`, which is made when it is needed."""
        self._folder = folder
        self._most = most_bytes
        # What this process has checked, by hash: a file that is another by now is checked again.
        self._sound: dict[str, tuple[int, int, int]] = {}

    @contextmanager
    def held(self, parts: Sequence[SnapshotPart], *, chunks: Chunks) -> Iterator[tuple[Path, ...]]:
        """Give local files of `parts`, in their order; they stay for as long as the block lasts.

        `chunks` yields what the bucket keeps under a key. Raises Unavailable where there is no room
        for all of them or the bucket does not answer, NotFound for a part that is gone from it, and
        Damaged for one that is another.
        """
        if sum(part.bytes for part in parts) > self._most:
            raise Unavailable("This is larger than the place for local copies (SNAPSHOT_CACHE).")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as files:
            yield tuple(files.enter_context(self._one(part, chunks)) for part in parts)

    @contextmanager
    def _one(self, part: SnapshotPart, chunks: Chunks) -> Iterator[Path]:
        path = self._folder / f"{part.sha256}{KEPT}"
        while (file := self._opened(path, part)) is None:
            self._download(path, part, chunks)
        with file:
            yield path

    def _opened(self, path: Path, part: SnapshotPart) -> IO[bytes] | None:
        """Return the copy, locked against removal, None where there is none that can be used."""
        with ExitStack() as unless_used:
            try:
                file = unless_used.enter_context(path.open("rb"))
            except FileNotFoundError:
                return None
            fcntl.flock(file, fcntl.LOCK_SH)
            if not _is_at(file, path):
                return None
            if self._sound.get(part.sha256) != _mark(file):
                if hashlib.file_digest(file, "sha256").hexdigest() != part.sha256:
                    log.warning("A local copy of %s was damaged: it is fetched again", part.key)
                    with self._alone():
                        path.unlink(missing_ok=True)
                    return None
                self._sound[part.sha256] = _mark(file)
            # When it was last used; when it was last changed is part of its mark and stays.
            os.utime(path, ns=(time.time_ns(), os.fstat(file.fileno()).st_mtime_ns))
            unless_used.pop_all()
            return file

    def _download(self, path: Path, part: SnapshotPart, chunks: Chunks) -> None:
        """Fetch a part; where somebody else does so just now, wait for that instead."""
        coming = path.with_suffix(COMING)
        with coming.open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() or not _is_at(lock, coming):
                return
            try:
                self._reserve(coming, part.bytes)
                _fill(coming, part, chunks)
                with self._alone():
                    coming.replace(path)
            except BaseException:
                with self._alone():
                    coming.unlink(missing_ok=True)
                raise
            self._sound[part.sha256] = _mark(lock)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only one who changes what is in the folder, for a moment."""
        with (self._folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _reserve(self, coming: Path, size: int) -> None:
        """Make room and take it. Raises Unavailable."""
        with self._alone():
            others = [
                (path, path.stat())
                for path in self._folder.iterdir()
                if path.suffix in {KEPT, COMING} and path != coming
            ]
            free = self._most - sum(about.st_size for _, about in others)
            for path, about in sorted(others, key=lambda one: one[1].st_atime_ns):
                if free >= size:
                    break
                if _removed(path):
                    free += about.st_size
            if free < size:
                raise Unavailable(
                    "Too many snapshots are looked into at the moment. Try again in a minute."
                )
            os.truncate(coming, size)


def _fill(coming: Path, part: SnapshotPart, chunks: Chunks) -> None:
    """Write a part over the room that was taken for it. Raises Damaged for another one."""
    digest, size = hashlib.sha256(), 0
    with coming.open("r+b") as file:
        for piece in chunks(part.key):
            size += len(piece)
            if size > part.bytes:
                break
            digest.update(piece)
            file.write(piece)
    if size != part.bytes or digest.hexdigest() != part.sha256:
        raise Damaged(f"The snapshot is damaged: {part.name} is not what was stored.")


def _removed(path: Path) -> bool:
    """Remove a file unless somebody reads or writes it; tell whether it is gone."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        path.unlink(missing_ok=True)
    return True


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Tell whether an open file is the one of this name: before it was locked it could go."""
    mine = os.fstat(file.fileno())
    try:
        return os.path.samestat(mine, path.stat())
    except FileNotFoundError:
        return False


def _mark(file: IO[bytes]) -> tuple[int, int, int]:
    about = os.fstat(file.fileno())
    return about.st_ino, about.st_mtime_ns, about.st_size


@lru_cache(maxsize=1)
def configured_parts() -> LocalParts:
    """Return the copies of this installation, in its data folder."""
    given = settings()
    return LocalParts(given.data_folder / "parts", most_bytes=given.snapshot_cache)
