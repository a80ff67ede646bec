"""Keeps processes running: starts, restarts with backoff, collects their output, stops them all.

Why not a library: see `docs/decisions/supervisor.md`. Everything runs on one event loop in the
main thread, because the kernel ties "die with your parent" to the thread that started the child.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from app.embedded.child import Child, Stage, preparation
from app.embedded.logs import LogFile, problem_in
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
# A child that ran this long has recovered: its next pause is the first one again.
STEADY_SECONDS: Final = 30.0
STOP_SECONDS: Final = {Stage.PROGRAM: 4.0, Stage.SERVICE: 5.0}
DEATHS_AT_START: Final = 4
POLL_SECONDS: Final = 0.05
LAST_LINES: Final = 12


class Running:
    """What the supervisor knows about one child."""

    def __init__(self, child: Child, log: LogFile) -> None:
        """Begin with nothing started."""
        self.child = child
        self.log = log
        self.process: asyncio.subprocess.Process | None = None
        self.task: asyncio.Task[None] | None = None
        self.deaths = 0
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)

    def signal(self) -> None:
        """Ask the process to end in the way it likes best."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.child.stop_signal)

    def kill(self) -> None:
        """End the process and what it has started."""
        if self.process:
            sweep(self.process.pid)


class Supervisor:
    """Runs children until `stop` is called. `say(name, sentence)` reaches the person."""

    def __init__(self, logs: Path, say: Callable[[str, str], None]) -> None:
        """Write output of children under `logs`."""
        self._logs = logs
        self._say = say
        self._stopping = asyncio.Event()
        self._running: dict[str, Running] = {}

    async def start(self, child: Child, *, seconds: float) -> None:
        """Start `child` and return when it is ready; it is kept running from then on.

        Raises Misconfigured when it keeps dying or is not ready within `seconds`.
        """
        running = Running(child, LogFile(self._logs / f"{child.name}.log"))
        self._running[child.name] = running
        running.task = asyncio.create_task(self._keep(running), name=child.name)
        deadline = monotonic() + seconds
        while not await child.ready():
            self._check_start(running, expired=monotonic() > deadline)
            await asyncio.sleep(POLL_SECONDS)

    def _check_start(self, running: Running, *, expired: bool) -> None:
        if self._stopping.is_set():
            raise asyncio.CancelledError
        if expired or running.deaths >= DEATHS_AT_START:
            what = "does not answer" if expired else "cannot start"
            last = "".join(f"\n  {line}" for line in running.last_lines)
            raise Misconfigured(
                f"The process {running.child.name!r} {what}; see {running.log.path}.{last}"
            )

    async def run(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        """Run one step to its end. Raises Misconfigured with its last lines when it fails."""

        async def ready() -> bool:
            return True

        step = Child(name=name, command=tuple(command), environment=environment, ready=ready)
        running = Running(step, LogFile(self._logs / f"{name}.log"))
        self._running[name] = running
        try:
            code = await self._run_once(running)
        finally:
            running.log.close()
        del self._running[name]
        if code != 0 and not self._stopping.is_set():
            last = "".join(f"\n  {line}" for line in running.last_lines)
            raise Misconfigured(f"The step {name!r} failed; see {running.log.path}.{last}")

    async def _keep(self, running: Running) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = monotonic()
            running.child.before_start()
            code = await self._run_once(running)
            if self._stopping.is_set():
                return
            running.deaths += 1
            if monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self._say(
                running.child.name,
                f"ended ({described(code)}) and is started again in {pause:g} s; "
                f"its log: {running.log.path}",
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _run_once(self, running: Running) -> int:
        child = running.child
        process = await asyncio.create_subprocess_exec(
            *child.command,
            env=child.environment,
            cwd=child.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=preparation(child),
        )
        running.process = process
        reader = asyncio.create_task(self._collect(running, process))
        try:
            return await process.wait()
        finally:  # also when the one who waits is cancelled
            sweep(process.pid)
            ended = asyncio.create_task(process.wait())
            # Not for ever: a grandchild that got away may hold the output open.
            await asyncio.wait([ended, reader], timeout=1)
            reader.cancel()
            running.process = None

    async def _collect(self, running: Running, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        if stream is None:
            return
        rest = b""
        while chunk := await stream.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for raw in lines:
                line = raw.decode(errors="replace").rstrip()
                running.log.write(line)
                running.last_lines.append(line)
                if problem := problem_in(line):
                    self._say(running.child.name, problem)

    async def stop(self) -> None:
        """Stop every child, what uses a service before the service; at most ten seconds."""
        self._stopping.set()
        for stage in Stage:
            members = [one for one in self._running.values() if one.child.stage is stage]
            for one in members:
                one.signal()
            await _ended(members, STOP_SECONDS[stage])
            for one in members:
                if one.process:
                    self._say(one.child.name, "did not end in time and was killed")
                    one.kill()
        everyone = list(self._running.values())
        await _ended(everyone, 1.0)
        for one in everyone:
            one.log.close()


async def _ended(members: Sequence[Running], seconds: float) -> None:
    """Wait until nobody keeps these children running any more, `seconds` at most."""
    tasks = [one.task for one in members if one.task]
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)


def sweep(group: int) -> None:
    """End what is left of a child's process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def described(code: int) -> str:
    """Say how a process ended, in words."""
    if code < 0:
        return f"by {signal.Signals(-code).name}"
    return f"with exit code {code}"
