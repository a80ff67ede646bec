"""The colours of our own map, which is drawn on a canvas where the stylesheet does not reach.

Calmer than what stands on it: marks have the accent, the ground has almost no colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MapColours:
    """The colours of our own map in one theme; `halo` stands around names."""

    water: str
    land: str
    border: str
    region: str
    country: str
    state: str
    city: str
    halo: str


LIGHT: Final = MapColours(
    water="#d8e4e8",
    land="#f7f6f2",
    border="#c4c1b8",
    region="#e2e0d9",
    country="#5c5b56",
    state="#706e67",
    city="#4a4944",
    halo="#f7f6f2",
)
DARK: Final = MapColours(
    water="#11191c",
    land="#232522",
    border="#4b4d47",
    region="#343632",
    country="#c0bfb7",
    state="#92918a",
    city="#b1b0a8",
    halo="#232522",
)
