"""The data folder of one installation: its version, lock, secrets, ports and the running file.

DATA_DIR/            0700
  version            layout of this folder
  lock               held (flock) by the one process that runs the installation
  secrets.json       0600, made once
  ports.json         ports of the embedded services, chosen once
  running.env        0600, while it runs: how commands in another shell find the services
  postgres/ valkey/ bucket/   what the services keep
  web/               the built pages
  logs/              output of each process, rotated
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.errors import Misconfigured
from app.setting_files import RUNNING_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LAYOUT: Final = "1"
NEEDED_BYTES: Final = 500 * 1024 * 1024
SECRET_NAMES: Final = (
    "postgres_password",
    "postgres_working_password",
    "valkey_password",
    "bucket_access_key",
    "bucket_secret_key",
    "session_secret",
    "identity_client_secret",
)


class DataFolder:
    """The opened data folder; `held` says that this process runs the installation."""

    def __init__(self, path: Path) -> None:
        """Remember where it lies; nothing is made yet."""
        self.path = path
        self.logs = path / "logs"
        self.running_file = path / RUNNING_FILE

    @contextmanager
    def held(self) -> Iterator[DataFolder]:
        """Make the folder where it is missing, check it, and hold it until the block ends.

        Raises Misconfigured when it cannot be used, has another layout, is in use, or when the
        disk is full.
        """
        with _in_one_sentence(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_version()
            lock = (self.path / "lock").open("a+")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Misconfigured(
                    f"The data folder {self.path} is in use by an installation that is running: "
                    "stop that one, or choose another folder with DATA_DIR."
                ) from None
            with _in_one_sentence(self.path):
                self._check_space()
                self.logs.mkdir(mode=0o700, exist_ok=True)
            try:
                yield self
            finally:
                self.running_file.unlink(missing_ok=True)

    def _check_version(self) -> None:
        file = self.path / "version"
        if file.exists():
            found = file.read_text().strip()
            if found != LAYOUT:
                raise Misconfigured(
                    f"The data folder {self.path} has layout {found!r} and this program needs "
                    f"{LAYOUT!r}: use the version that made it, or another folder with DATA_DIR."
                )
            return
        strangers = [entry.name for entry in self.path.iterdir() if entry.name != "lock"]
        if strangers:
            raise Misconfigured(
                f"The folder {self.path} holds other things ({strangers[0]}): "
                "choose an empty one with DATA_DIR."
            )
        self.path.chmod(0o700)
        write_private(file, LAYOUT + "\n")

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.path).free
        if free < NEEDED_BYTES:
            raise Misconfigured(
                f"The disk of {self.path} is full: {free // 2**20} MB are free and "
                f"{NEEDED_BYTES // 2**20} MB are needed."
            )

    def secrets(self) -> dict[str, str]:
        """Return the secrets of this installation, made at the first call."""
        file = self.path / "secrets.json"
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        missing = [name for name in SECRET_NAMES if name not in known]
        if missing:
            known |= {name: secrets.token_hex(24) for name in missing}
            write_private(file, json.dumps(known, indent=1))
        return known

    def write_running(self, values: Mapping[str, str]) -> None:
        """Note how the running services are reached, for commands in another shell."""
        lines = [f"{name}='{value}'" for name, value in values.items()]
        write_private(self.running_file, "\n".join(lines) + "\n")


def write_private(file: Path, text: str) -> None:
    """Write `text` so that only the owner can read it, all of it or nothing."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w") as target:
            target.write(text)
        os.replace(name, file)  # noqa: PTH105 - moves a name that mkstemp returned as text
    except BaseException:
        os.unlink(name)  # noqa: PTH108 - the same
        raise


@contextmanager
def _in_one_sentence(path: Path) -> Iterator[None]:
    """Translate what the operating system says about `path` into a sentence."""
    try:
        yield
    except OSError as problem:
        raise Misconfigured(sentence_about(path, problem)) from problem


def sentence_about(path: Path, problem: OSError) -> str:
    """Return one sentence on why nothing can be kept in `path`."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk of {path} is full: free some space and start again."
    if isinstance(problem, PermissionError):
        return (
            f"The data folder {path} belongs to somebody else or cannot be written: "
            "choose another one with DATA_DIR."
        )
    return f"The data folder {path} cannot be used: {problem.strerror}."
