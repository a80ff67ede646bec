"""`make bench`: how near each path is to what the machine can do, as ratios from one run.

Usage: python -m bench [NAME …]. Environment: SIZES=10k,100k,1M and ONLY=sync,search,…

Starts services of its own in `bench/.data`, prints one table, writes `bench/results.json`: a list
of {what, size, ours, floor, unit, ratio, goal, met}. Nothing else on the machine is touched.
A run of chosen benches replaces their own figures in that file and keeps the others;
`python -m bench.report` puts the file's figures and chart into `docs/performance.md`.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
from rich.console import Console
from rich.table import Table

from app import db
from app.config import settings
from tests.running import started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.row import Row

HERE = Path(__file__).resolve().parent
DATA = HERE / ".data"
RESULTS = HERE / "results.json"

# What each bench needs running: bare services, the whole program with its pages and workers, or
# nothing, because starting is what it measures.
ITSELF = "itself"
BENCHES = {
    "sync": "services",
    "search": "services",
    "snapshot": "services",
    "compare": "services",
    "past": "services",
    "stores": "services",
    "ordering": "services",
    "guard": "services",
    "live": "up",
    "browser": "up",
    "pans": "up",
    "first_load": "up",
    "start": ITSELF,
    "tabs": "up",
}
# What does not change with the number of products is measured once, at the first size.
GROWS = {"sync", "search", "snapshot", "compare", "past"}
UNTIL = {"services": "ready", "up": "AnythingYouWantt runs"}
MULTIPLES = {"k": 1_000, "m": 1_000_000}

TABLE_WIDTH = 150

console = Console(stderr=True)


def number(text: str) -> int:
    """Read a size such as 500, 10k or 1M."""
    unit = MULTIPLES.get(text[-1:].lower())
    return int(text[:-1]) * unit if unit else int(text)


@contextmanager
def running(kind: str) -> Iterator[None]:
    """Start what a bench needs, point the settings of this process to it, stop it at the end."""
    if kind == ITSELF:
        yield
        return
    folder = DATA / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = os.environ.get("BENCH_PORT", "8790")
    # Everything is counted, and nothing is too much.
    limits = {"RATE_LIMITS": "1000000"}
    with started(
        folder, kind, f"--port={port}", until=UNTIL[kind], environment=limits
    ) as environment:
        os.environ.update(environment, DATA_DIR=str(folder), APP_PORT=port, **limits)
        # Benches empty tables and make indexes anew, which only their owner may.
        os.environ["DATABASE_URL"] = environment["DATABASE_OWNER_URL"]
        settings.cache_clear()
        try:
            yield
        finally:
            db.engine().dispose()
            for name in environment:
                os.environ.pop(name, None)
            settings.cache_clear()
    shutil.rmtree(folder, ignore_errors=True)


def measure(name: str, sizes: list[int]) -> list[Row]:
    """Run one bench at every size that matters to it and return its rows."""
    found: list[Row] = []
    rows = import_module(f"bench.{name}").rows
    for size in _sizes_of(name, sizes):
        began = perf_counter()
        title = f"{name} at {size:,} products" if size else name
        with running(BENCHES[name]), console.status(f"{title} …"):
            new = rows(size)
        console.print(f"{title} took {perf_counter() - began:.0f} s:")
        for row in new:
            console.print(f"  {_in_words(row)}")
        found += new
    return found


def _sizes_of(name: str, sizes: list[int]) -> list[int]:
    """Return the numbers of products to measure at; 0 stands for the demo's own catalogue."""
    if BENCHES[name] != "services":
        return [0]
    return sizes if name in GROWS else sizes[:1]


def _in_words(row: Row) -> str:
    beside = f" beside {row['floor']:,.4g}" if row["floor"] else ""
    missed = "" if row["met"] else f"; asked: {row['goal']}"
    return f"{row['what']}: {row['ours']:,.4g}{beside} {row['unit']}{missed}"


def show(found: list[Row]) -> None:
    """Print the table."""
    table = Table("what", "size", "ours", "floor", "unit", "ratio", "goal", "met")
    for row in found:
        table.add_row(
            row["what"],
            f"{row['size']:,}" if row["size"] else "",
            f"{row['ours']:,.4g}",
            f"{row['floor']:,.4g}" if row["floor"] else "",
            row["unit"],
            f"{row['ratio']:.2f}" if row["ratio"] else "",
            row["goal"],
            "yes" if row["met"] else "no",
        )
    # Wide enough for a line per row where the output goes to a file.
    wide = Console()
    wide.width = max(wide.width, TABLE_WIDTH)
    wide.print(table)


def main() -> int:
    """Run the chosen benches; the exit code."""
    chosen = set(sys.argv[1:] or filter(None, os.environ.get("ONLY", "").split(",")))
    unknown = chosen - set(BENCHES)
    if unknown:
        console.print(f"No bench is called {', '.join(sorted(unknown))}; there are {[*BENCHES]}.")
        return 2
    sizes = [number(part) for part in os.environ.get("SIZES", "10k").split(",")]
    kept = _kept() if chosen else []
    # In their own sequence: those that load the web bound what this process may ask of Postgres,
    # and come after those that fill large tables.
    for name in [name for name in BENCHES if not chosen or name in chosen]:
        found = measure(name, sizes)
        measured = {(row["what"], row["size"]) for row in found}
        kept = [row for row in kept if (row["what"], row["size"]) not in measured] + found
        # After each, so that a run that is cut short leaves what it found.
        RESULTS.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2))
    show(kept)
    return 0


def _kept() -> list[Row]:
    """Return the figures of an earlier run."""
    return orjson.loads(RESULTS.read_bytes()) if RESULTS.exists() else []


if __name__ == "__main__":
    raise SystemExit(main())
