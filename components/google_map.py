"""The map of stores that every page with one draws: Google's, or our own in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from components.map.parts import StoreMap, grounds
from state.map import MapState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.maps import MapCamera, MapMark


def google_map(
    *,
    label: str | rx.Var[str],
    marks: rx.Var[tuple[MapMark, ...]] | Sequence[MapMark],
    camera: rx.Var[MapCamera] | MapCamera,
    chosen: rx.Var[str] | str = "",
    details: rx.Component | None = None,
    draggable: rx.Var[bool] | bool = False,
    **events: Any,
) -> rx.Component:
    """Return a map with `marks`; it fills the element that it stands in.

    `label` says what it shows. It looks at `camera` when it appears and whenever the serial of
    `camera` has changed. `chosen` is the key of the mark that is marked out, and beside which
    `details` are shown. A press on several stores zooms in by itself.

    Events, whose figures come from a browser and are to be checked:
    `on_settle(south, west, north, east, zoom)` once the map has stopped moving, also after it
    first appeared; `on_choose(key)` for a single store, "" when its details are closed;
    `on_point(latitude, longitude)` for a press on the ground; `on_drop(key, latitude, longitude)`
    after a mark was moved, which `draggable` allows.
    """
    return StoreMap.create(
        *((details,) if details is not None else ()),
        label=label,
        marks=marks,
        camera=camera,
        chosen=chosen,
        draggable=draggable,
        google={
            "loaded": MapState.loaded,
            "key": MapState.key,
            "mapId": MapState.map_id,
            "language": MapState.language,
            "region": MapState.region,
        },
        grounds=grounds(),
        on_mount=MapState.load,
        **events,
    )
