"""Records of a feed as the rows that a sync stages.

Lists travel as one text, joined by a character that cannot occur in their parts: Postgres splits
them where they are needed, which is for new and changed rows only.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from app.integrations.feeds.expressions import JMESPathError, compile_expression
from app.integrations.feeds.money import to_minor
from app.integrations.feeds.values import (
    LONGEST_LINE,
    Rejected,
    attributes,
    degrees,
    identifier,
    line,
    needed_line,
    paragraphs,
    picture_addresses,
    pieces,
    pieces_by_store,
    shown,
)

if TYPE_CHECKING:
    from app.integrations.feeds.expressions import Getter
    from app.integrations.feeds.source import ProductMapping, StoreSource

PATH_SEPARATOR = "\x1f"
PICTURE_SEPARATOR = "\n"
HASH_BYTES = 16
NUL = b"u0000"
# Part of every hash: raise it when the same record shall become another row than before.
ROW_VERSION = b"1"
DEEPEST_CATEGORY = 8
MOST_CATEGORIES = 50_000
# A record that is kept for a person to look at is cut here.
LONGEST_KEPT = 20_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ProductRow(NamedTuple):
    """A product as it is staged; the order of the fields is the order of the staging columns.

    `category` and `pictures` are joined, `attributes` and `store_stock` are JSON; `record_hash`
    changes when any field does.
    """

    external_id: str
    sku: str | None
    name: str
    description: str
    brand: str | None
    category: str | None
    price_minor: int
    currency: str
    stock: int | None
    pictures: str
    attributes: str
    store_stock: str
    record_hash: bytes


class StoreRow(NamedTuple):
    """A store as it is staged; the order of the fields is the order of the staging columns."""

    external_id: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float
    opening_hours: str
    record_hash: bytes


class Rejection(NamedTuple):
    """A record that could not be taken: what it calls itself, why, and the record as JSON."""

    external_id: str | None
    reason: str
    record: str


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else "{}"


def _without_nul(fields: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave NUL characters out: Postgres keeps them neither in text nor in JSON."""
    return tuple(
        field.replace("\x00", "").replace("\\u0000", "") if isinstance(field, str) else field
        for field in fields
    )


def _nothing(_record: Any) -> None:  # noqa: ANN401 - any JSON
    return None


def _getter(expression: str | None) -> Getter:
    return compile_expression(expression) if expression else _nothing


def record_text(record: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a record as JSON that Postgres takes, cut where it is too long to be looked at."""
    text = orjson.dumps(record).decode().replace("\\u0000", "")
    if len(text) <= LONGEST_KEPT:
        return text
    return orjson.dumps({"cut": text[:LONGEST_KEPT]}).decode()


class ProductReader:
    """Turns records into product rows by one feed's mapping.

    Args:
        mapping: Where the fields are found.
        base: Address that relative picture addresses start at.
        categories: Path of names for each code of the feed's category source, None without one.
        stores: Ids of the feed's stores, which stock by store may name.

    `fingerprint` covers all of these: while it stays the same, the same record makes the same row.
    """

    def __init__(
        self,
        mapping: ProductMapping,
        *,
        base: str,
        categories: dict[str, tuple[str, ...]] | None = None,
        stores: frozenset[str] = frozenset(),
    ) -> None:
        """Compile the mapping."""
        self._external_id = _getter(mapping.external_id)
        self._sku = _getter(mapping.sku)
        self._name = _getter(mapping.name)
        self._description = _getter(mapping.description)
        self._brand = _getter(mapping.brand)
        self._category = _getter(mapping.category)
        self._price = _getter(mapping.price)
        self._currency = _getter(mapping.currency)
        self._stock = _getter(mapping.stock)
        self._pictures = _getter(mapping.pictures)
        self._attributes = _getter(mapping.attributes)
        self._store_stock = _getter(mapping.store_stock)
        self._unit = mapping.price_unit
        self._separator = mapping.category_separator
        self._base = base
        self._categories = categories
        self._paths: dict[Any, str | None] = {}
        self.fingerprint = blake2b(
            ROW_VERSION
            + mapping.model_dump_json().encode()
            + orjson.dumps([base, sorted(stores), sorted((categories or {}).items())]),
            digest_size=HASH_BYTES,
        ).digest()

    def known_as(self, record: Any) -> str | None:  # noqa: ANN401 - any JSON
        """Return the external id of a record, None where it has none that can be used."""
        try:
            return identifier(self._external_id(record)).replace("\x00", "")
        except (Rejected, JMESPathError):
            return None

    def digest(self, record: Any) -> bytes:  # noqa: ANN401 - any JSON
        """Return a hash of the record as it came, in a fifth of the time that reading it takes."""
        return blake2b(orjson.dumps(record), digest_size=HASH_BYTES).digest()

    def read(self, record: Any) -> ProductRow | Rejection:  # noqa: ANN401 - any JSON
        """Return the row of a record, or why there is none."""
        try:
            return self._row(record)
        except Rejected as problem:
            reason = str(problem)
        except JMESPathError as problem:
            reason = f"The mapping does not fit this record: {str(problem).splitlines()[0]}."
        return Rejection(self.known_as(record), reason, record_text(record))

    def _row(self, record: Any) -> ProductRow:  # noqa: ANN401 - any JSON
        if type(record) is not dict:
            raise Rejected("record", f"{shown(record)} is not an object")
        currency = needed_line(self._currency(record), "currency").upper()
        price = self._price(record)
        if price is None or type(price) in {dict, list}:
            raise Rejected("price", "there is no value" if price is None else "it is not an amount")
        fields = (
            identifier(self._external_id(record)),
            line(self._sku(record), "sku"),
            needed_line(self._name(record), "name"),
            paragraphs(self._description(record), "description"),
            line(self._brand(record), "brand"),
            self._path(self._category(record)),
            to_minor(price, currency, self._unit),
            currency,
            pieces(self._stock(record), "stock"),
            PICTURE_SEPARATOR.join(picture_addresses(self._pictures(record), self._base)),
            _json(attributes(self._attributes(record))),
            _json(pieces_by_store(self._store_stock(record))),
        )
        packed = orjson.dumps(fields)
        if NUL in packed:
            fields = _without_nul(fields)
        return ProductRow._make((*fields, blake2b(packed, digest_size=HASH_BYTES).digest()))

    def _path(self, value: Any) -> str | None:  # noqa: ANN401 - any JSON
        """Return the path of names that a record's category means, joined."""
        if value is None or value == "":
            return None
        key = tuple(value) if type(value) is list else value
        try:
            return self._paths[key]
        except KeyError:
            path = self._paths[key] = self._new_path(key)
        except TypeError:
            raise Rejected("category", f"{shown(value)} is not a category") from None
        if len(self._paths) > MOST_CATEGORIES:
            self._paths.clear()
        return path

    def _new_path(self, key: Any) -> str | None:  # noqa: ANN401 - any JSON
        names: tuple[Any, ...]
        if type(key) is tuple:
            names = key
        elif self._categories is not None:
            code = line(key, "category")
            if code not in self._categories:
                raise Rejected("category", f"{shown(key)} is not in the feed's category tree")
            names = self._categories[code]
        else:
            text = needed_line(key, "category")
            names = tuple(text.split(self._separator)) if self._separator else (text,)
        path = [name for name in (line(one, "category") for one in names) if name]
        return PATH_SEPARATOR.join(path[:DEEPEST_CATEGORY]) or None


class StoreReader:
    """Turns records into store rows by one feed's store source."""

    def __init__(self, source: StoreSource) -> None:
        """Compile the source's expressions."""
        self._source = source
        self._fields = {
            name: _getter(getattr(source, name))
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
            _json(_hours(value["opening_hours"])),
        )
        packed = orjson.dumps(fields)
        if NUL in packed:
            fields = _without_nul(fields)
        return StoreRow._make((*fields, blake2b(packed, digest_size=HASH_BYTES).digest()))


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
        found[weekday] = line(hours, "opening_hours", LONGEST_LINE) or "closed"
    return {day: found[day] for day in WEEKDAYS if day in found}
