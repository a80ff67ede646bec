"""Starting an installation step by step, waiting for a signal, stopping it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from app.config import load_settings
from app.embedded.child import die_with_parent
from app.embedded.folder import DataFolder, sentence_about
from app.embedded.http import ask
from app.embedded.installation import Installation
from app.embedded.pages import build_pages, kept_pages
from app.embedded.ports import is_free
from app.embedded.supervisor import Supervisor
from app.embedded.terminal import Terminal
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from app.config import Settings
    from app.embedded.child import Child

SERVICE_SECONDS: Final = 120.0
WEB_SECONDS: Final = 120.0
READY_SECONDS: Final = 60.0
READY_POLL_SECONDS: Final = 0.2
READY: Final = "ready"


def start_installation(*, reloading: bool = False, **flags: object) -> int:
    """Run an installation until a signal ends it; the exit code.

    With `reloading` its processes start again when a source file changes.
    """
    return _run(flags, partial(whole_installation, reloading=reloading))


def start_services(*, careless: bool = False, **flags: object) -> int:
    """Run database, Valkey and bucket until a signal ends them; the exit code.

    With `careless` they are quicker and may lose what they keep in a crash.
    """
    return _run(flags, partial(bare_services, careless=careless))


def _run(flags: dict[str, object], steps: Callable[[Run], Coroutine[None, None, None]]) -> int:
    # What a killed installation noted about itself must not be taken for configured services.
    settings = load_settings(with_running=False, **flags)
    if "MAKELEVEL" in os.environ:
        # Started through make: without it nobody is left to pass Ctrl-C on.
        die_with_parent(os.getppid())
    # The default watcher waits in a thread per child; one thread is what `child.py` relies on.
    asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    with DataFolder(settings.data_folder).held() as folder:
        try:
            return asyncio.run(_until_signal(settings, folder, steps))
        except OSError as problem:
            raise Misconfigured(sentence_about(folder.path, problem)) from problem


class Run:
    """One run of an installation: its parts, and where it stands."""

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        """Nothing is started yet."""
        self.began = monotonic()
        self.settings = settings
        self.folder = folder
        self.terminal = Terminal()
        self.installation = Installation(settings, folder)
        self.supervisor = Supervisor(folder.logs, self.terminal.problem)

    async def start_all(self, children: Sequence[Child]) -> None:
        """Start children side by side and return when all are ready."""
        async with asyncio.TaskGroup() as group:
            for child in children:
                group.create_task(self.supervisor.start(child, seconds=SERVICE_SECONDS))

    async def command(self, *arguments: str) -> None:
        """Run one command of ours to its end."""
        await self.supervisor.run(
            arguments[0], (sys.executable, "-m", "app", *arguments), self.installation.environment()
        )


async def _until_signal(
    settings: Settings,
    folder: DataFolder,
    steps: Callable[[Run], Coroutine[None, None, None]],
) -> int:
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked.set)
    run = Run(settings, folder)
    starting = asyncio.create_task(steps(run))
    ending = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            _raise_first(starting)
            await ending
    finally:
        run.terminal.line("Stopping …")
        began = monotonic()
        starting.cancel()
        await run.supervisor.stop()
        await asyncio.wait({starting}, timeout=1)
        run.terminal.line(f"Stopped in {monotonic() - began:.1f} s; the data stays.")
    return 0


def _raise_first(starting: asyncio.Task[None]) -> None:
    """Raise what went wrong while starting, as the one error it is."""
    problem = starting.exception()
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    if problem:
        raise problem


async def bare_services(run: Run, *, careless: bool) -> None:
    """Start database, Valkey and bucket, and say so in one line."""
    plan = run.installation.infrastructure(careless=careless)
    run.folder.write_running(plan.running)
    await run.start_all(plan.services)
    await run.command("prepare")
    run.terminal.line(READY)


async def whole_installation(run: Run, *, reloading: bool) -> None:
    """Start everything and print how it is used."""
    _refuse_taken_port(run.settings)
    shutil.rmtree(run.folder.path / "states", ignore_errors=True)
    pages = None if reloading else kept_pages(run.folder, run.settings)
    workers = run.installation.workers(reloading=reloading)
    if reloading:
        await _services(run)
        await _start_web(run, run.installation.reloading_web())
        await run.start_all(workers)
    elif pages:
        # The web first: the workers' start would take the processor from it.
        await _services(run)
        await _start_web(run, run.installation.web(pages))
        await run.start_all(workers)
    else:
        # The workers first: they sync the demo feeds while the pages are built.
        async with asyncio.TaskGroup() as group:
            building = group.create_task(_build(run))
            await _services(run)
            await run.start_all(workers)
        await _start_web(run, run.installation.web(building.result()))
    with run.terminal.step("Waiting until everything is ready"):
        missing = await _until_ready(run.settings.app_port)
    run.terminal.summary(run.settings, seconds=monotonic() - run.began, missing=missing)


def _refuse_taken_port(settings: Settings) -> None:
    if not is_free(settings.app_port):
        raise Misconfigured(
            f"Port {settings.app_port} is taken by another program: stop that one, or choose "
            f"another port, for instance APP_PORT={settings.app_port + 1} make up."
        )


async def _build(run: Run) -> Path:
    with run.terminal.step("Building the pages (half a minute the first time)"):
        return await build_pages(
            run.folder, run.settings, run.supervisor, run.installation.environment()
        )


async def _services(run: Run) -> None:
    infrastructure, twins = run.installation.infrastructure(), run.installation.twins()
    run.folder.write_running(infrastructure.running | twins.running)
    with run.terminal.step("Starting the services"):
        await run.start_all(infrastructure.services + twins.services)
    with run.terminal.step("Preparing database and bucket"):
        demo = run.installation.demo_supplier_url
        await run.command("prepare", *([f"--demo-supplier={demo}"] if demo else []))


async def _start_web(run: Run, web: Child) -> None:
    with run.terminal.step("Starting the web"):
        await run.supervisor.start(web, seconds=WEB_SECONDS)


async def _until_ready(port: int) -> list[str]:
    """Wait for `/ready`; the sentences of the checks that still fail after a minute."""
    deadline = monotonic() + READY_SECONDS
    sentences = ["The web does not answer."]
    while monotonic() < deadline:
        answer = await ask(port, "/ready")
        if answer is not None and answer[0] in {200, 503}:
            checks = json.loads(answer[1])["checks"].values()
            sentences = [check["sentence"] for check in checks if not check["ok"]]
            if not sentences:
                break
        await asyncio.sleep(READY_POLL_SECONDS)
    return sentences
