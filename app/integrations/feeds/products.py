"""Records of products, read through a mapping."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from app.integrations.feeds.expressions import JMESPathError
from app.integrations.feeds.money import to_minor
from app.integrations.feeds.rows import (
    HASH_BYTES,
    PATH_SEPARATOR,
    PICTURE_SEPARATOR,
    ProductRow,
    Rejection,
    getter,
    packed_json,
    record_text,
    sealed,
)
from app.integrations.feeds.shelves import shelves_by_store
from app.integrations.feeds.values import (
    Rejected,
    attributes,
    identifier,
    line,
    needed_line,
    paragraphs,
    picture_addresses,
    pieces,
    shown,
)

if TYPE_CHECKING:
    from app.integrations.feeds.source import ProductMapping

# Part of every fingerprint: raise it when the same record shall become another row than before.
ROW_VERSION = b"2"
DEEPEST_CATEGORY = 8
MOST_CATEGORIES = 50_000


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
        self._external_id = getter(mapping.external_id)
        self._sku = getter(mapping.sku)
        self._name = getter(mapping.name)
        self._description = getter(mapping.description)
        self._brand = getter(mapping.brand)
        self._category = getter(mapping.category)
        self._price = getter(mapping.price)
        self._currency = getter(mapping.currency)
        self._stock = getter(mapping.stock)
        self._pictures = getter(mapping.pictures)
        self._attributes = getter(mapping.attributes)
        self._store_stock = getter(mapping.store_stock)
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
            return identifier(self._external_id(record))
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
            packed_json(attributes(self._attributes(record))),
            packed_json(shelves_by_store(self._store_stock(record), currency, self._unit)),
        )
        return ProductRow._make(sealed(fields))

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
