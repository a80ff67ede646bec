"""Pictures of the demo products: one flat drawing on a ground, 400 by 300, as SVG.

The ground is tinted on a light page; on a dark one it is dark, and the colours a little lighter.
"""

from __future__ import annotations

import colorsys
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.embedded.demo_supplier.assortment import chance

if TYPE_CHECKING:
    from app.embedded.demo_supplier.assortment import Item

SHAPES = Path(__file__).with_name("shapes.toml")
# Calm, equally strong colours; a product keeps its own, and takes its real one where it has one.
PALETTE = (
    "#ae845b", "#5d92ae", "#5dad86", "#ad5a73", "#ad985a", "#785cad", "#69ae5a", "#ad6657",
    "#5b7fb0", "#4f9a94", "#9a6aa8", "#8a8f55",
)  # fmt: skip
COLOURS = {
    "black": "#4b4d50", "white": "#a9adb0", "grey": "#868b8f", "silver": "#8f979d",
    "blue": "#5b7fb0", "navy": "#47587c", "green": "#5d9f72", "red": "#b5605a",
    "yellow": "#c2a448", "orange": "#c58348", "brown": "#96714f", "sand": "#b79f78",
    "pink": "#bd7593", "brass": "#ac9350", "oak": "#b08c5e", "walnut": "#82624b",
    "birch": "#bda780", "steel": "#8a949b", "brushed steel": "#8a949b", "clear": "#7fa6b5",
}  # fmt: skip


# What a dark page shows instead: the ground, and how many times as bright the colours are on it.
DARK_GROUND = "#2e2f2c"
DARK_GROUND_CLOSER = "#323330"
BRIGHTER = 1.18


@lru_cache(maxsize=1)
def _shapes() -> dict[str, str]:
    return tomllib.loads(SHAPES.read_text("utf-8"))


def _shade(colour: str, *, towards: float, by: float) -> str:
    """Mix `colour` (#rrggbb) with white (`towards` 1) or black (0) `by` a share of 0 to 1."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    mixed = [part + (towards - part) * by for part in parts]
    return "#" + "".join(f"{round(part * 255):02x}" for part in mixed)


def _brighter(colour: str) -> str:
    """Return `colour` as a dark page shows it."""
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{min(round(part * BRIGHTER), 255):02x}" for part in parts)


def _ground(colour: str) -> str:
    """Return a light ground with the hue of `colour`."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    ground = colorsys.hls_to_rgb(hue, 0.938, min(saturation, 0.34))
    return "#" + "".join(f"{round(part * 255):02x}" for part in ground)


def _colour(item: Item) -> str:
    named = item.attributes.get("Colour", item.attributes.get("Material", ""))
    return COLOURS.get(named, PALETTE[chance(item.name, "picture", below=len(PALETTE))])


def picture(item: Item, view: int) -> str:
    """Return the SVG of `item`: `view` 1 is the whole thing, 2 a closer look."""
    colour = _colour(item)
    second = _shade(colour, towards=0, by=0.22)
    ground, dark_ground = _ground(colour), DARK_GROUND
    drawing = _shapes()[item.shape].format(
        c=f"var(--c,{colour})", d=f"var(--d,{second})", b=f"var(--b,{ground})"
    )
    if view != 1:
        ground, dark_ground = _shade(ground, towards=0, by=0.035), DARK_GROUND_CLOSER
        closer = "translate(200 150) rotate(-18) scale(1.5) translate(-200 -150)"
        drawing = f'<g transform="{closer}">{drawing}</g>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300">'
        # The colour scheme of a picture is that of the page it stands in.
        f"<style>@media(prefers-color-scheme:dark){{svg{{--b:{dark_ground};"
        f"--c:{_brighter(colour)};--d:{_brighter(second)}}}}}</style>"
        f'<rect width="400" height="300" fill="var(--b,{ground})"/>{drawing}</svg>'
    )
