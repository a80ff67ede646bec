"""Snapshots into the bucket against their floor, their memory, and what searches feel of them.

Floor and ours take turns, each in a process that has done one before, since the machine is shared;
neither leaves the processor to others then. Searches are asked one after the other, nothing kept,
at rest and while a worker, which does leave it, takes snapshots one after the other: much more than
one a night.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
from sqlmodel import Session

from app import db
from app.config import PROJECT_ROOT, settings
from app.integrations.redis import cache_client
from app.services.catalogue import search_catalogue
from app.work import reading
from bench.row import compared
from bench.search import QUERIES
from tests.factories.catalogue import fill

if TYPE_CHECKING:
    from bench.row import Row

GOAL = 0.7
MOST_MEGABYTES = 350
MOST_TIMES = 1.5
TURNS = 3
# A large one takes its time, and is little disturbed.
LARGE = 500_000
ROUNDS = 25
# More than are taken while the searches last.
MANY = 1000


def rows(size: int) -> list[Row]:
    """Measure a catalogue of `size` made-up products."""
    with Session(db.owner_engine()) as session:
        fill(session, size)
    took: dict[str, list[float]] = {"floor": [], "ours": []}
    megabytes = 0.0
    for _ in range(TURNS if size < LARGE else 1):
        for which, seconds in took.items():
            first, second = _run(which, 2)
            seconds.append(min(first["seconds"], second["seconds"]))
            if which == "ours":
                megabytes = max(megabytes, second["megabytes"])
    ours, least = median(took["ours"]), median(took["floor"])
    return [
        compared(
            "snapshot into the bucket",
            size,
            round(size / ours),
            round(size / least),
            "rows/s",
            goal=f"at least {GOAL}",
            met=least / ours >= GOAL,
        ),
        compared(
            "snapshot, peak memory of the worker",
            size,
            round(megabytes),
            0,
            "MB",
            goal=f"under {MOST_MEGABYTES}",
            met=megabytes < MOST_MEGABYTES,
        ),
        _searches(size),
    ]


def _run(which: str, number: int) -> list[dict[str, float]]:
    done = subprocess.run(
        _command(which, number), cwd=_folder(), stdout=subprocess.PIPE, check=True
    )
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def _command(which: str, number: int, *more: str) -> list[str]:
    here = f"import sys; sys.path.insert(0, {str(PROJECT_ROOT)!r})"
    run = "import runpy; runpy.run_module('bench.one_snapshot', run_name='__main__')"
    return [sys.executable, "-c", f"{here}; {run}", which, str(number), *more]


def _folder() -> str:
    return str(settings().data_folder)


def _searches(size: int) -> Row:
    at_rest = _p95()
    with subprocess.Popen(
        _command("ours", MANY, "giving-way"), cwd=_folder(), stdout=subprocess.PIPE
    ) as capturing:
        if capturing.stdout is None or not capturing.stdout.readline():
            raise RuntimeError("no snapshot was taken")
        meanwhile = _p95()
        capturing.terminate()
    return compared(
        "search p95 while snapshots are taken, beside at rest",
        size,
        round(meanwhile, 2),
        round(at_rest, 2),
        "ms",
        goal=f"at most {MOST_TIMES} times",
        met=meanwhile <= MOST_TIMES * at_rest,
    )


def _p95() -> float:
    """Ask every query again and again; return what 95 of a hundred answers took at most, in ms."""
    took: list[float] = []
    for _ in range(ROUNDS):
        for query in QUERIES.values():
            cache_client().flushall()
            began = perf_counter()
            reading(search_catalogue, query=query)
            took.append((perf_counter() - began) * 1000)
    return quantiles(took, n=20)[-1]
