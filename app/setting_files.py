"""Which files settings are read from, decided before any of them is read."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dotenv import dotenv_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What `make up` notes in DATA_DIR about its running embedded services.
RUNNING_FILE: Final = "running.env"
RUNNING: Final = "running installation"
ENVIRONMENT: Final = "environment variable"
COMMAND_LINE: Final = "command line"
DEFAULT: Final = "default"


class Environment(StrEnum):
    """Where the program runs; decides which comforts are refused."""

    LOCAL = "local"
    CI = "ci"
    STAGING = "staging"
    PROD = "prod"


class LogLevel(StrEnum):
    """Least severe record that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


ON_ONE_MACHINE: Final = frozenset({Environment.LOCAL, Environment.CI})


def setting_files(
    root: Path, flags: Mapping[str, object], *, with_running: bool
) -> tuple[Path, ...]:
    """Return the files settings are read from, the weakest first.

    The weakest is RUNNING_FILE: through it a command in a second shell finds the services. It lies
    in DATA_DIR, which the stronger sources decide.
    """
    shared = root / ".env"
    name = flags.get("app_env") or _early("APP_ENV", shared) or "local"
    own = root / f".env.{name}"
    if not with_running or name not in ON_ONE_MACHINE:
        return shared, own
    folder = flags.get("data_dir") or _early("DATA_DIR", shared, own) or ".data"
    return root / str(folder) / RUNNING_FILE, shared, own


def sources(files: Sequence[Path], flags: Mapping[str, object]) -> dict[str, str]:
    """Return where each setting that is not left to its default comes from, by its field's name."""
    found: dict[str, str] = {}
    for file in files:
        source = RUNNING if file.name == RUNNING_FILE else file.name
        found |= {name.lower(): source for name, value in dotenv_values(file).items() if value}
    found |= {name.lower(): ENVIRONMENT for name, value in os.environ.items() if value}
    return found | {name: COMMAND_LINE for name, value in flags.items() if value is not None}


def _early(name: str, *files: Path) -> str | None:
    """Return one setting before the rest is read, from the environment or the last file."""
    if os.environ.get(name):
        return os.environ[name]
    values = [dotenv_values(file).get(name) for file in files if file.is_file()]
    return next((value for value in reversed(values) if value), None)
