"""One supervised process: how it is started, and what keeps it from outliving its parent."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.config import PROJECT_ROOT

PR_SET_PDEATHSIG: Final = 1
CLONE_NEWUSER: Final = 0x10000000
NOBODY: Final = 65534

_libc = ctypes.CDLL(None, use_errno=True)


class Stage(IntEnum):
    """When a child is stopped: what uses a service goes before the service."""

    PROGRAM = 1
    SERVICE = 2


@dataclass(frozen=True, slots=True)
class Child:
    """A process that is kept running.

    `ready` answers whether it can be used; `before_start` mends what a crash may have left;
    `as_nobody` hides the user's identity from a program that refuses root.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    ready: Callable[[], Awaitable[bool]]
    cwd: Path = PROJECT_ROOT
    stage: Stage = Stage.PROGRAM
    stop_signal: signal.Signals = signal.SIGTERM
    before_start: Callable[[], None] = field(default=lambda: None)
    as_nobody: bool = False


def base_environment(**more: str) -> dict[str, str]:
    """Return this process's environment with `more` in it."""
    return {**os.environ, **more}


def needs_another_identity() -> bool:
    """Return whether this user is one that Postgres refuses: root, or one without a name."""
    if os.geteuid() == 0:
        return True
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return True
    return False


@lru_cache(maxsize=1)
def user_namespaces_work() -> bool:
    """Return whether this system lets a process give itself another user id in its own space."""
    pid = os.fork()
    if pid == 0:
        try:
            _enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def _enter_namespace() -> None:
    """Become nobody inside a user namespace: files stay those of the real user."""
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {user} 1"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ):
        handle = os.open(f"/proc/self/{file}", os.O_WRONLY)
        os.write(handle, text.encode())
        os.close(handle)


def die_with_parent(parent: int, death_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send `death_signal` to this process when `parent` has died."""
    _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before the request was made
        os.kill(os.getpid(), death_signal)


def preparation(child: Child) -> Callable[[], None]:
    """Return what runs in the forked child before its program takes over."""
    parent = os.getpid()
    in_namespace = child.as_nobody and user_namespaces_work()

    def prepare() -> None:
        if in_namespace:
            _enter_namespace()
        elif child.as_nobody and os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        # After the change of identity, which would clear the request.
        die_with_parent(parent, child.stop_signal)

    return prepare
