"""The first page of a snapshot that is here already, of a large one beside one of 100k products.

What a look into one does once its files are local and its counts are kept: DuckDB begins anew for
each page, finds the newest products, and reads what is shown of them. What comes on top in a
browser (the event, the drawing) is the same for both and would only make the ratio smaller. In one
process, taking turns; the first look at each, which counts as well, is shown beside it.
"""

from __future__ import annotations

import shutil
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from app.config import settings
from app.integrations.arrow.past import counts_in, page_in
from app.services.snapshots.looking import PAGE_SIZE
from app.views.catalogue_query import CatalogueQuery
from app.views.past import PastQuestion
from bench.compare import make
from bench.row import compared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.row import Row

GOAL = 3
SMALL = 100_000
TURNS = 15
EVERYTHING = PastQuestion(CatalogueQuery())


def rows(size: int) -> list[Row]:
    """Measure a snapshot of `size` products beside one of `SMALL`."""
    folder = settings().data_folder / "past"
    sizes = {"large": size, "small": min(size, SMALL)}
    files: dict[str, list[Path]] = {}
    for name, products in sizes.items():
        make(folder / name, products, "0")
        files[name] = sorted((folder / name).iterdir())
    pages: dict[str, list[float]] = {name: [] for name in files}
    for _ in range(TURNS):
        for name, found in pages.items():
            found.append(_page(files[name]))
    counts = {name: _counts(each) for name, each in files.items()}
    shutil.rmtree(folder)
    large, small = (median(found) for found in pages.values())
    return [
        compared(
            "first page of a snapshot, beside one of 100k",
            size,
            round(large, 2),
            round(small, 2),
            "ms",
            goal=f"at most {GOAL} times",
            met=large <= GOAL * small,
        ),
        compared(
            "its counts, once for a snapshot and a question, beside one of 100k",
            size,
            round(counts["large"], 2),
            round(counts["small"], 2),
            "ms",
        ),
    ]


def _page(files: Sequence[Path]) -> float:
    began = perf_counter()
    page = page_in(files, EVERYTHING, size=PAGE_SIZE)
    if len(page.products) != PAGE_SIZE:
        raise RuntimeError("the page is not a whole one")
    return (perf_counter() - began) * 1000


def _counts(files: Sequence[Path]) -> float:
    began = perf_counter()
    counts_in(files, EVERYTHING)
    return (perf_counter() - began) * 1000
