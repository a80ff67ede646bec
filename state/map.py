"""What a page with a map is told about Google's, when it runs: nothing of it is in the build."""

from __future__ import annotations

import reflex as rx

from app.config import settings
from state.guard import public_catalogue


class MapState(rx.State):
    """The settings of the map in the browser. The key is for browsers: Google checks the referrer.

    Only a map asks for them, so a page without one is never sent the key.
    """

    loaded: bool = False
    key: str = ""
    map_id: str = ""
    language: str = ""
    region: str = ""

    @rx.event
    @public_catalogue
    def load(self) -> None:
        """Tell the map which one it is; without a key it is our own."""
        known = settings()
        self.key = known.google_maps_api_key.get_secret_value() if known.google_maps_api_key else ""
        self.map_id = known.google_maps_map_id
        self.language = known.google_maps_language
        self.region = known.google_maps_region
        self.loaded = True
