"""The rows that a sync stages, and what every reader of records needs.

Lists travel as one text, joined by a character that cannot occur in their parts: Postgres splits
them where they are needed, which is for new and changed rows only.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from app.integrations.feeds.expressions import compile_expression

if TYPE_CHECKING:
    from app.integrations.feeds.expressions import Getter

PATH_SEPARATOR = "\x1f"
PICTURE_SEPARATOR = "\n"
SERVICE_SEPARATOR = "\n"
HASH_BYTES = 16
NUL = b"u0000"
# A record that is kept for a person to look at is cut here.
LONGEST_KEPT = 20_000


class ProductRow(NamedTuple):
    """A product as it is staged; the order of the fields is the order of the staging columns.

    `category` and `pictures` are joined, `attributes` and `store_stock` are JSON: the latter pieces
    by store, or pieces and price (`[3, 1290]`) of a store that asks its own. `record_hash` changes
    when any field does.
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
    """A store as it is staged; the order of the fields is the order of the staging columns.

    Where the feed's coordinates cannot be used, both are None and `place_problem` says why.
    `opening_hours` is JSON, `services` is joined.
    """

    external_id: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    place_problem: str | None
    opening_hours: str
    time_zone: str | None
    services: str
    record_hash: bytes


class Rejection(NamedTuple):
    """A record that could not be taken: what it calls itself, why, and the record as JSON."""

    external_id: str | None
    reason: str
    record: str


def packed_json(value: dict[str, Any]) -> str:
    """Return an object as JSON, the same for the same content."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else "{}"


def sealed(fields: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the fields without NUL characters, and the hash of them as the last one."""
    packed = orjson.dumps(fields)
    if NUL in packed:
        fields = _without_nul(fields)
    return (*fields, blake2b(packed, digest_size=HASH_BYTES).digest())


def _without_nul(fields: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave NUL characters out: Postgres keeps them neither in text nor in JSON."""
    return tuple(
        field.replace("\x00", "").replace("\\u0000", "") if isinstance(field, str) else field
        for field in fields
    )


def _nothing(_record: Any) -> None:  # noqa: ANN401 - any JSON
    return None


def getter(expression: str | None) -> Getter:
    """Return the function of an expression; without one, there is never a value."""
    return compile_expression(expression) if expression else _nothing


def record_text(record: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a record as JSON that Postgres takes, cut where it is too long to be looked at."""
    text = orjson.dumps(record).decode().replace("\\u0000", "")
    if len(text) <= LONGEST_KEPT:
        return text
    return orjson.dumps({"cut": text[:LONGEST_KEPT]}).decode()
