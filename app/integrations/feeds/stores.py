"""Records of stores, read through a store source."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import available_timezones

from app.integrations.feeds.expressions import JMESPathError
from app.integrations.feeds.hours import hours_by_day
from app.integrations.feeds.places import coordinates_in, place_of
from app.integrations.feeds.rows import (
    SERVICE_SEPARATOR,
    Rejection,
    StoreRow,
    getter,
    packed_json,
    record_text,
    sealed,
)
from app.integrations.feeds.values import (
    Rejected,
    identifier,
    line,
    needed_line,
    shown,
)

if TYPE_CHECKING:
    from app.integrations.feeds.source import StoreSource

MOST_SERVICES: Final = 50


class StoreReader:
    """Turns records into store rows by one feed's store source."""

    def __init__(self, source: StoreSource) -> None:
        """Compile the source's expressions."""
        self._source = source
        self._fields = {
            name: getter(getattr(source, name))
            for name in (
                "external_id", "name", "street", "postcode", "city", "country", "position",
                "latitude", "longitude", "opening_hours", "time_zone", "services",
            )
        }  # fmt: skip

    def read(self, record: Any) -> StoreRow | Rejection:  # noqa: ANN401 - any JSON
        """Return the row of a record, or why there is none."""
        try:
            return self._row(record)
        except Rejected as problem:
            reason = f"Store: {problem}"
        except JMESPathError as problem:
            reason = f"Store: the mapping does not fit: {str(problem).splitlines()[0]}."
        return Rejection(None, reason, record_text(record))

    def _row(self, record: Any) -> StoreRow:  # noqa: ANN401 - any JSON
        value = {name: get(record) for name, get in self._fields.items()}
        country = (line(value["country"], "country") or "").upper()
        if country and not (len(country) == 2 and country.isalpha()):  # noqa: PLR2004 - ISO 3166
            raise Rejected("country", f"{shown(country)} is not a code of two letters")
        position = coordinates_in(value["position"])
        if self._source.latitude is not None:
            position = value["latitude"], value["longitude"]
        place = place_of(*position, country=country)
        fields = (
            identifier(value["external_id"]),
            needed_line(value["name"], "name"),
            line(value["street"], "street") or "",
            line(value["postcode"], "postcode") or "",
            line(value["city"], "city") or "",
            country,
            *place,
            packed_json(hours_by_day(value["opening_hours"])),
            _time_zone(value["time_zone"]),
            _services(value["services"]),
        )
        return StoreRow._make(sealed(fields))


def _time_zone(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return the name of a time zone, None for what is no such name."""
    return value if type(value) is str and value in _time_zones() else None


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _services(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return what a store offers, each once, joined."""
    given: list[Any] = value if type(value) is list else [value]
    texts = [line(one, "services") for one in given[:MOST_SERVICES] if type(one) is str]
    return SERVICE_SEPARATOR.join(dict.fromkeys(filter(None, texts)))
