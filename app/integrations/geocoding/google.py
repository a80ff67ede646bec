"""Google's Geocoding API: `GET /maps/api/geocode/json`.

A key that is restricted by referrer does not serve here: Google answers REQUEST_DENIED. The key is
a parameter of the address, so no address is ever logged or repeated in an error.
"""

from __future__ import annotations

from typing import Final

import httpx2
from pydantic import BaseModel, ValidationError

from app.errors import Misconfigured, Unavailable
from app.integrations.ports import GeocodedPlace

API: Final = "https://maps.googleapis.com"
PATH: Final = "/maps/api/geocode/json"
TIMEOUT: Final = httpx2.Timeout(5.0, connect=3.0)
MOST_PLACES: Final = 8
# What passes by itself; over the limit of a day as well as of a second.
_PASSING: Final = frozenset({"OVER_QUERY_LIMIT", "OVER_DAILY_LIMIT", "UNKNOWN_ERROR"})


class _Location(BaseModel):
    lat: float
    lng: float


class _Geometry(BaseModel):
    location: _Location


class _Result(BaseModel):
    formatted_address: str
    geometry: _Geometry


class _Answer(BaseModel):
    status: str
    results: list[_Result] = []
    error_message: str = ""


class GoogleGeocoding:
    """The real geocoder."""

    def __init__(self, *, key: str, base_url: str = API) -> None:
        """Ask the API at `base_url` with a key."""
        self._key = key
        self._address = base_url.rstrip("/") + PATH

    def find(self, words: str, *, language: str = "en") -> tuple[GeocodedPlace, ...]:
        """Return the places that `words` may mean, the likeliest first, as `Geocoder` says."""
        try:
            asked = {"address": words, "language": language, "key": self._key}
            answer = httpx2.get(self._address, params=asked, timeout=TIMEOUT)
        except httpx2.TransportError as problem:
            raise Unavailable(
                f"Google Geocoding cannot be reached ({type(problem).__name__})."
            ) from None
        if not answer.is_success:
            raise Unavailable(f"Google Geocoding answered {answer.status_code}.")
        try:
            said = _Answer.model_validate_json(answer.content)
        except ValidationError:
            raise Unavailable("Google Geocoding answered what cannot be read.") from None
        return self._places(said)

    def _places(self, said: _Answer) -> tuple[GeocodedPlace, ...]:
        if said.status == "ZERO_RESULTS":
            return ()
        if said.status == "OK":
            return tuple(
                GeocodedPlace(
                    found.formatted_address,
                    found.geometry.location.lat,
                    found.geometry.location.lng,
                )
                for found in said.results[:MOST_PLACES]
            )
        why = said.error_message.replace(self._key, "…")
        what = f"Google Geocoding answered {said.status}"
        if said.status in _PASSING:
            raise Unavailable(f"{what}. {why}".rstrip())
        raise Misconfigured(f"{what}: check GOOGLE_GEOCODING_API_KEY. {why}".rstrip())
