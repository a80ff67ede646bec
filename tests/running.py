"""Starting the program itself for tests: the same command a person uses, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from app.config import PROJECT_ROOT, Settings
from app.embedded.child import die_with_parent
from app.setting_files import RUNNING_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a busy machine may take; a test as a whole has 300 s.
STOP_SECONDS = 120
COMMAND_SECONDS = 240


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without settings: what runs for other tests must not be found."""
    names = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "APP_ENV": "ci", **more}


def run_program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app …` to its end as a person does, beside the services of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=PROJECT_ROOT,
        env=os.environ.copy(),
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )


@contextmanager
def started(
    folder: Path, *arguments: str, until: str, environment: dict[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Run `python -m app …` until the block ends; yields the settings of what runs.

    It has started when a line of its output contains `until`. Raises RuntimeError with its output
    when it ends before.
    """
    parent = os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments, f"--data-dir={folder}"],
        cwd=PROJECT_ROOT,
        env=clean_environment(**(environment or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 - other threads only read
    )
    assert process.stdout
    lines: list[str] = []
    # It says each problem there, and stands still once nobody has read 64 kB of them.
    rest = threading.Thread(target=process.stdout.read, daemon=True)
    try:
        for line in process.stdout:
            lines.append(line)
            if until in line:
                break
        else:
            raise RuntimeError("The program did not start:\n" + "".join(lines))
        rest.start()
        values = dotenv_values(folder / RUNNING_FILE)
        yield {name: value for name, value in values.items() if value is not None}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STOP_SECONDS)
        if rest.ident is not None:
            rest.join(STOP_SECONDS)
        process.stdout.close()
