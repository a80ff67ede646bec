"""The map as Reflex draws it: what its module is given, typed.

The module is loaded by pages with a map only, after they are on screen; it loads Google's map or
our own, whichever is shown.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import reflex as rx

from app.views.maps import MapCamera, MapMark
from components.map.places import addresses
from components.ui import map_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

# The parts of the module, beside this file.
MODULES: Final = (
    "degrees.js",
    "google_map.jsx",
    "ground.js",
    "map.css",
    "mark.jsx",
    "names.js",
    "own_map.jsx",
)
LIBRARIES: Final = [
    "@vis.gl/react-google-maps@1.10.2",
    "leaflet@1.9.4",
    "geojson-vt@5.0.3",
    "topojson-client@3.1.0",
    "world-atlas@2.0.2",
    "us-atlas@3.0.1",
]


def _module() -> str:
    """Return what the build knows the module as; the files it imports are put beside it."""
    for name in MODULES:
        rx.asset(name, shared=True)
    return rx.asset("store_map.jsx", shared=True).importable_path


def _view(
    south: rx.Var[float],
    west: rx.Var[float],
    north: rx.Var[float],
    east: rx.Var[float],
    zoom: rx.Var[float],
) -> tuple[rx.Var[float], rx.Var[float], rx.Var[float], rx.Var[float], rx.Var[float]]:
    return south, west, north, east, zoom


def _key(key: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (key,)


def _point(
    latitude: rx.Var[float], longitude: rx.Var[float]
) -> tuple[rx.Var[float], rx.Var[float]]:
    return latitude, longitude


def _key_and_point(
    key: rx.Var[str], latitude: rx.Var[float], longitude: rx.Var[float]
) -> tuple[rx.Var[str], rx.Var[float], rx.Var[float]]:
    return key, latitude, longitude


class StoreMap(rx.NoSSRComponent):
    """A map of stores: Google's where it can be had, else our own."""

    library = _module()
    tag = "StoreMap"
    lib_dependencies: list[str] = LIBRARIES

    label: rx.Var[str]
    marks: rx.Var[Sequence[MapMark]]
    camera: rx.Var[MapCamera]
    # The key of a mark, "" for none.
    chosen: rx.Var[str]
    draggable: rx.Var[bool]
    # How Google's is asked for: loaded, key, mapId, language, region.
    google: rx.Var[dict[str, Any]]
    # The colours of our own map in each theme, and where its names are fetched.
    grounds: rx.Var[dict[str, Any]]

    on_settle: rx.EventHandler[_view]
    on_choose: rx.EventHandler[_key]
    on_point: rx.EventHandler[_point]
    on_drop: rx.EventHandler[_key_and_point]


def grounds() -> dict[str, Any]:
    """Return what our own map is drawn with, by theme."""
    places = addresses()
    return {
        theme: {**asdict(colours), "places": places}
        for theme, colours in (("light", map_tokens.LIGHT), ("dark", map_tokens.DARK))
    }
