"""A trend in one small line, drawn as SVG on the page: no library, no request."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from components.ui.classes import classes

# The drawing's own coordinates; the stylesheet says how large it is on screen.
WIDTH: Final = 64
HEIGHT: Final = 20
_EDGE: Final = 2


def spark_path(figures: list[float] | tuple[float, ...]) -> str:
    """Return the path through `figures`, oldest first, within WIDTH x HEIGHT.

    Less than two figures give "": there is no trend to show. Equal ones give a level line.
    """
    if len(figures) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    low, high = min(figures), max(figures)
    spread = (high - low) or 1.0
    inner = HEIGHT - 2 * _EDGE
    step = WIDTH / (len(figures) - 1)
    level = high == low
    return "M" + " L".join(
        f"{index * step:.1f} "
        f"{HEIGHT / 2 if level else _EDGE + inner * (1 - (figure - low) / spread):.1f}"
        for index, figure in enumerate(figures)
    )


def sparkline(
    path: str | rx.Var[str],
    *,
    label: str | rx.Var[str] = "Trend",
    large: bool = False,
    **props: Any,
) -> rx.Component:
    """Return the line along `path`, which `spark_path` has made; `label` says the trend."""
    return rx.el.svg(
        rx.el.path(d=path, custom_attrs={"vectorEffect": "non-scaling-stroke"}),
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        preserve_aspect_ratio="none",
        role="img",
        aria_label=label,
        class_name=classes("spark", "spark-large" if large else "", props.pop("class_name", "")),
        **props,
    )
