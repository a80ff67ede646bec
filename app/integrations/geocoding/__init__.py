"""Places by words: Google Geocoding where a key of its own is set, nobody where there is none."""

from __future__ import annotations

from functools import lru_cache

from app.config import settings
from app.integrations.geocoding.google import GoogleGeocoding
from app.integrations.ports import Geocoder


@lru_cache(maxsize=1)
def geocoder() -> Geocoder | None:
    """Return the geocoder of the settings, None without a key."""
    key = settings().google_geocoding_api_key
    return GoogleGeocoding(key=key.get_secret_value()) if key else None
