"""Records of stores, read through a store source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.integrations.feeds.expressions import JMESPathError
from app.integrations.feeds.rows import (
    Rejection,
    StoreRow,
    getter,
    packed_json,
    record_text,
    sealed,
)
from app.integrations.feeds.values import (
    Rejected,
    degrees,
    identifier,
    line,
    needed_line,
    shown,
)

if TYPE_CHECKING:
    from app.integrations.feeds.source import StoreSource

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class StoreReader:
    """Turns records into store rows by one feed's store source."""

    def __init__(self, source: StoreSource) -> None:
        """Compile the source's expressions."""
        self._source = source
        self._fields = {
            name: getter(getattr(source, name))
            for name in (
                "external_id", "name", "street", "postcode", "city", "country", "latitude",
                "longitude", "opening_hours",
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
        fields = (
            identifier(value["external_id"]),
            needed_line(value["name"], "name"),
            line(value["street"], "street") or "",
            line(value["postcode"], "postcode") or "",
            line(value["city"], "city") or "",
            country,
            degrees(value["latitude"], "latitude", 90),
            degrees(value["longitude"], "longitude", 180),
            packed_json(_hours(value["opening_hours"])),
        )
        return StoreRow._make(sealed(fields))


def _hours(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """Return texts by `mon` … `sun` from an object by weekday or a list of `{day, hours}`."""
    if not value:
        return {}
    entries: list[tuple[Any, Any]]
    if type(value) is list and all(type(entry) is dict for entry in value):
        entries = [(entry.get("day"), entry.get("hours")) for entry in value]
    elif type(value) is dict:
        entries = list(value.items())
    else:
        raise Rejected("opening_hours", f"{shown(value)} is neither an object nor a list")
    found: dict[str, str] = {}
    for day, hours in entries:
        weekday = str(day).strip().lower()[:3]
        if weekday not in WEEKDAYS:
            raise Rejected("opening_hours", f"{shown(day)} is not a weekday")
        found[weekday] = line(hours, "opening_hours") or "closed"
    return {day: found[day] for day in WEEKDAYS if day in found}
