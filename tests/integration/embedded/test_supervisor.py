"""Children that die, will not start, will not stop, or leave children of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.embedded import supervisor
from app.embedded.child import Child, Stage, base_environment
from app.embedded.supervisor import Supervisor
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

PATIENCE = 60.0


class Nursery:
    """A supervisor under test, and everything it has said."""

    def __init__(self, folder: Path) -> None:
        """Supervise nothing yet; logs go to `folder`."""
        self.folder = folder
        self.said: list[str] = []
        self.supervisor = Supervisor(folder, lambda name, text: self.said.append(f"{name} {text}"))

    def child(self, code: str, *, name: str = "child", stage: Stage = Stage.PROGRAM) -> Child:
        """Return a child that runs Python `code` and is ready when it has written `<name>.pid`."""
        noted = self.folder / f"{name}.pid"
        note = f"import os, pathlib; pathlib.Path({str(noted)!r}).write_text(str(os.getpid()))\n"

        async def ready() -> bool:
            # There, and written: 0 would be this process's own group to `kill`.
            return noted.exists() and bool(noted.read_text())

        return Child(
            name=name,
            command=(sys.executable, "-c", note + code),
            environment=base_environment(PYTHONUNBUFFERED="1"),
            ready=ready,
            stage=stage,
        )

    def pid(self, name: str = "child") -> int:
        """Return the process id a child has noted last."""
        return int((self.folder / f"{name}.pid").read_text() or 0)


@asynccontextmanager
async def nursery(folder: Path) -> AsyncIterator[Nursery]:
    made = Nursery(folder)
    try:
        yield made
    finally:
        await made.supervisor.stop()


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until `holds()` is true of another process, which tells us nothing by itself."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Watch children as the program does; the tests after these have their own way."""
    before = asyncio.get_child_watcher()
    asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    yield
    asyncio.set_child_watcher(before)


async def test_a_killed_child_comes_back_and_it_is_said(tmp_path: Path) -> None:
    async with nursery(tmp_path) as made:
        await made.supervisor.start(made.child("import time; time.sleep(600)"), seconds=PATIENCE)
        first = made.pid()
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: made.pid() not in {0, first})
        assert any("ended (by SIGKILL) and is started again in 0.5 s" in text for text in made.said)


async def test_the_pause_grows_while_a_child_keeps_dying(tmp_path: Path) -> None:
    async with nursery(tmp_path) as made:
        await made.supervisor.start(made.child("raise SystemExit(3)"), seconds=PATIENCE)
        await eventually(lambda: len(made.said) >= 3)
        pauses = [text.partition("again in ")[2].partition(" s;")[0] for text in made.said[:3]]
        assert pauses == ["0.5", "1", "2"]
        assert "exit code 3" in made.said[0]


async def test_a_child_that_cannot_start_is_reported_with_its_last_words(tmp_path: Path) -> None:
    async with nursery(tmp_path) as made:
        child = made.child("print('the cupboard is bare'); raise SystemExit(1)")

        async def never() -> bool:
            return False

        hopeless = Child(child.name, child.command, child.environment, never)
        with pytest.raises(Misconfigured, match=r"'child' cannot start.*\n.*the cupboard is bare"):
            await made.supervisor.start(hopeless, seconds=PATIENCE)


async def test_a_failed_step_is_reported_with_its_last_words(tmp_path: Path) -> None:
    async with nursery(tmp_path) as made:
        with pytest.raises(Misconfigured, match=r"'build' failed.*\n.*no flour"):
            await made.supervisor.run(
                "build", (sys.executable, "-c", "raise SystemExit('no flour')"), base_environment()
            )


async def test_a_stubborn_child_and_its_own_children_are_ended(tmp_path: Path) -> None:
    stubborn = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("{folder}/inner.pid").write_text(str(inner.pid))
time.sleep(600)
"""
    made = Nursery(tmp_path)
    child = made.child(stubborn.replace("{folder}", str(tmp_path)))
    await made.supervisor.start(child, seconds=PATIENCE)
    await eventually(lambda: (tmp_path / "inner.pid").exists() and made.pid("inner"))
    async with asyncio.timeout(PATIENCE):
        await made.supervisor.stop()
    await eventually(lambda: not lives(made.pid()))
    await eventually(lambda: not lives(made.pid("inner")))
    assert any("did not end in time" in text for text in made.said)


async def test_programs_stop_before_the_services_they_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody is killed who only takes long to say the last word.
    monkeypatch.setattr(supervisor, "STOP_SECONDS", dict.fromkeys(Stage, PATIENCE))
    ends = """
import signal, sys, time
def end(*_):
    with open("{folder}/ends", "a") as file: file.write("{name} ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
time.sleep(600)
"""
    made = Nursery(tmp_path)
    for name, stage in (("service", Stage.SERVICE), ("program", Stage.PROGRAM)):
        code = ends.replace("{folder}", str(tmp_path)).replace("{name}", name)
        # Ready when it listens to signals, not before.
        code = code.replace("time.sleep", "pathlib.Path('{0}/{1}.on').touch(); time.sleep").replace(
            "{0}", str(tmp_path)
        )
        await made.supervisor.start(
            made.child(code.replace("{1}", name), name=name, stage=stage), seconds=PATIENCE
        )
        await eventually((tmp_path / f"{name}.on").exists)
    await made.supervisor.stop()
    assert (tmp_path / "ends").read_text() == "program service "


async def test_output_is_kept_and_only_problems_are_shown(tmp_path: Path) -> None:
    code = """
print('{"level": "info", "logger": "shop", "message": "all is well"}')
print('{"level": "error", "logger": "shop", "message": "the till is stuck"}')
print('{ not json')
import time; time.sleep(600)
"""
    async with nursery(tmp_path) as made:
        await made.supervisor.start(made.child(code), seconds=PATIENCE)
        log = tmp_path / "child.log"
        await eventually(lambda: log.exists() and "not json" in log.read_text())
        assert made.said == ["child shop: the till is stuck"]
        assert "all is well" in log.read_text()


async def test_a_cancelled_step_is_ended_too(tmp_path: Path) -> None:
    async with nursery(tmp_path) as made:
        step = made.child("import time; time.sleep(600)", name="step")
        running = asyncio.create_task(made.supervisor.run("step", step.command, step.environment))
        await eventually(lambda: (tmp_path / "step.pid").exists() and made.pid("step"))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await eventually(lambda: not lives(made.pid("step")))
