"""Put the figures of the last `make bench` into `docs/performance.md`, as a table and a chart.

`python -m bench.report` reads `bench/results.json`. The chart holds one small picture for each path
that was measured at more than one size: ours as a line, its floor dashed, both scales logarithmic,
so that what grows with the catalogue rises and what does not lies flat.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from math import ceil, floor, log10
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import orjson
from matplotlib import pyplot as plt

from bench.row import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "docs" / "performance.md"
CHART = HERE.parent / "docs" / "pictures" / "growth.svg"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
COLUMNS = 4
# What has a size of its own; and the same times beside another floor, which one picture shows.
UNITS = {"rows/s", "ms", "MB", "orders/s"}
BESIDE = "search in one statement"
OURS, FLOOR = "#1f5fbf", "#8a8f98"


def main() -> None:
    """Write the table and the chart; exit with a sentence where there are no figures."""
    if not RESULTS.exists():
        sys.exit("There are no figures yet: run `make bench`.")
    rows: list[Row] = orjson.loads(RESULTS.read_bytes())
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(rows)}{END}{after}")
    chart(rows)


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| path | products | ours | floor | unit | ratio | goal | met |", "|" + "---|" * 8]
    lines += [
        f"| {row['what']} | {short(row['size'])} "
        f"| {row['ours']:,.4g} | {_or_nothing(row['floor'], ',.4g')} | {row['unit']} "
        f"| {_or_nothing(row['ratio'], '.2f')} "
        f"| {row['goal']} | {'yes' if row['met'] else '**no**'} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _or_nothing(figure: float, look: str) -> str:
    return format(figure, look) if figure else ""


def short(size: int) -> str:
    """Write a size as one says it: 10k, 1M; nothing for none."""
    for unit, many in (("M", 1_000_000), ("k", 1_000)):
        if size % (many // 10) == 0 and size >= many:
            return f"{size / many:g}{unit}"
    return f"{size:,}" if size else ""


def grown(rows: list[Row]) -> list[list[Row]]:
    """Return the rows of each path that was measured at several sizes, smallest first."""
    paths: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        # A scale of powers has no place for nothing.
        if row["ours"] > 0 and row["unit"] in UNITS and not row["what"].startswith(BESIDE):
            paths[row["what"]].append(row)
    found = [sorted(path, key=lambda row: row["size"]) for path in paths.values()]
    return [path for path in found if len(path) > 1]


def chart(rows: list[Row]) -> None:
    """Draw the growth of each path; the same figures give the same file."""
    paths = grown(rows)
    if not paths:
        return
    mpl.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 8})
    tall = -(-len(paths) // COLUMNS)
    figure, places = plt.subplots(
        tall, COLUMNS, figsize=(3 * COLUMNS, 2.2 * tall), squeeze=False, layout="constrained"
    )
    for place in places.flat[len(paths) :]:
        place.set_axis_off()
    for place, path in zip(places.flat, paths, strict=False):
        _draw(place, path)
    handles, labels = places.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False)
    CHART.parent.mkdir(exist_ok=True)
    figure.savefig(CHART, metadata={"Date": None})


def _draw(place: Axes, path: list[Row]) -> None:
    sizes = [row["size"] for row in path]
    place.plot(sizes, [row["ours"] for row in path], color=OURS, marker="o", label="ours")
    place.plot(
        sizes,
        [row["floor"] or float("nan") for row in path],
        color=FLOOR,
        marker=".",
        linestyle="--",
        label="floor or limit",
    )
    place.set(xscale="log", yscale="log", ylabel=path[0]["unit"])
    place.set_title(path[0]["what"], fontsize="medium")
    place.set_xticks(sizes, [short(size) for size in sizes], minor=False)
    place.set_ylim(*_decades([figure for row in path for figure in (row["ours"], row["floor"])]))
    place.yaxis.set_major_formatter("{x:,.10g}")
    place.minorticks_off()
    place.spines[["top", "right"]].set_visible(False)
    place.grid(visible=True, axis="y", alpha=0.2)


def _decades(figures: list[float]) -> tuple[float, float]:
    """Return the powers of ten around the figures, two apart at least, so that slopes compare."""
    known = [figure for figure in figures if figure > 0]
    low, high = floor(log10(min(known))), ceil(log10(max(known)))
    # A little more, so that what lies on a power of ten is not cut in two.
    return 0.85 * 10.0**low, 1.15 * 10.0 ** max(high, low + 2)


if __name__ == "__main__":
    main()
