"""The three suppliers as they answer: each with a shape of its own for the same kind of thing.

| supplier     | base path | sign-in          | pages                     | prices            |
|--------------|-----------|------------------|---------------------------|-------------------|
| Verkko Tools | `/verkko` | none             | `skip`, `limit`, `total`  | euros as a number |
| Norda Supply | `/norda`  | header X-Api-Key | bare list, Link header    | euro cents        |
| Atlas Office | `/atlas`  | bearer token     | `results`, `next` cursor  | pounds as text    |
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.embedded.demo_supplier.assortment import Item, assortment, shelf_price
from app.embedded.demo_supplier.drift import price_at_store, price_cents, stock, stock_at_stores
from app.embedded.demo_supplier.stores import Shop, shops

# Demo keys: they open made-up prices on this machine and nothing else.
NORDA_KEY = "norda-demo-key"
ATLAS_TOKEN = "atlas-demo-token"  # noqa: S105 - the same
PENCE_PER_EURO_CENT = Decimal("0.86")
WEEKDAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip


@dataclass(frozen=True)
class DemoSupplier(ABC):
    """What every demo supplier has; a subclass says how its records look."""

    key: str
    seed: int

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Everything it sells."""
        return assortment(self.key, seed=self.seed)

    @cached_property
    def by_sku(self) -> dict[str, Item]:
        """The items by their SKU."""
        return {item.sku: item for item in self.items}

    @property
    def shops(self) -> tuple[Shop, ...]:
        """Its stores."""
        return shops(self.key)

    @cached_property
    def category_codes(self) -> dict[tuple[str, ...], str]:
        """Each path of the category tree with the code the supplier gives it."""
        paths = {item.category[:depth] for item in self.items for depth in (1, 2)}
        return {path: f"{self.key[0]}{number:03d}" for number, path in enumerate(sorted(paths), 1)}

    def picture_paths(self, item: Item) -> list[str]:
        """Return the paths of the item's pictures, from the supplier's base."""
        return [f"pictures/{item.sku}-{view}.svg" for view in (1, 2)]

    def categories(self) -> list[dict[str, Any]]:
        """Return the category tree, children inside their parents."""
        return [
            {
                "code": code,
                "name": path[0],
                "children": [
                    {"code": inner_code, "name": inner[1]}
                    for inner, inner_code in self.category_codes.items()
                    if inner[:-1] == path
                ],
            }
            for path, code in self.category_codes.items()
            if len(path) == 1
        ]

    @abstractmethod
    def product(self, item: Item, moment: float) -> dict[str, Any]:
        """Return one product as it is at `moment` (seconds of Unix time)."""

    @abstractmethod
    def store(self, shop: Shop) -> dict[str, Any]:
        """Return one store."""


class VerkkoTools(DemoSupplier):
    """Flat records; the category as a path of names; stock and price by store as an object."""

    def product(self, item: Item, moment: float) -> dict[str, Any]:
        """Return one product as it is at `moment`."""
        names = tuple(shop.id for shop in self.shops)
        cents = price_cents(item, moment)
        return {
            "id": item.number,
            "sku": item.sku,
            "title": item.name,
            "description": item.description,
            "brand": item.brand,
            "category": list(item.category),
            "price": cents / 100,
            "currency": "EUR",
            "stock": stock(item, moment),
            "stockByStore": {
                name: {"stock": pieces, "price": own / 100 if own else None}
                for name, pieces in stock_at_stores(item, names, moment).items()
                for own in [price_at_store(item, name, cents)]
            },
            "images": self.picture_paths(item),
            "properties": item.attributes,
        }

    def store(self, shop: Shop) -> dict[str, Any]:
        """Return one store."""
        return {
            "id": shop.id,
            "name": shop.name,
            "address": {
                "street": shop.street,
                "postcode": shop.postcode,
                "city": shop.city,
                "country": shop.country,
            },
            "location": {"lat": shop.latitude, "lon": shop.longitude},
            "hours": shop.hours,
        }


class NordaSupply(DemoSupplier):
    """Prices in cents, also of stores; the category as a code; attributes and hours as lists."""

    def product(self, item: Item, moment: float) -> dict[str, Any]:
        """Return one product as it is at `moment`."""
        names = tuple(shop.id for shop in self.shops)
        cents = price_cents(item, moment)
        return {
            "articleNumber": item.sku,
            "names": {"en": item.name},
            "text": item.description,
            "manufacturer": {"name": item.brand},
            "categoryCode": self.category_codes[item.category],
            "price": {"cents": cents, "currency": "EUR"},
            "availability": {
                "quantity": stock(item, moment),
                "depots": [
                    {
                        "depot": int(name),
                        "quantity": pieces,
                        "cents": price_at_store(item, name, cents),
                    }
                    for name, pieces in stock_at_stores(item, names, moment).items()
                ],
            },
            "media": [{"type": "image", "href": path} for path in self.picture_paths(item)],
            "specifications": [
                {"label": label, "value": value} for label, value in item.attributes.items()
            ],
        }

    def store(self, shop: Shop) -> dict[str, Any]:
        """Return one store."""
        return {
            "depot": int(shop.id),
            "label": shop.name,
            "street": shop.street,
            "zip": shop.postcode,
            "town": shop.city,
            "countryCode": shop.country,
            "lat": str(shop.latitude),
            "lng": str(shop.longitude),
            "openingHours": [
                {"day": WEEKDAYS[day], "hours": hours} for day, hours in shop.hours.items()
            ],
        }


class AtlasOffice(DemoSupplier):
    """Pounds as text; the category as one line; stock only store by store."""

    def product(self, item: Item, moment: float) -> dict[str, Any]:
        """Return one product as it is at `moment`."""
        names = tuple(shop.id for shop in self.shops)
        pence = shelf_price(price_cents(item, moment) * PENCE_PER_EURO_CENT)
        pieces = stock(item, moment)
        return {
            "code": item.sku,
            "product": {"title": item.name, "summary": item.description, "make": item.brand},
            "department": " > ".join(item.category),
            "pricing": {"amount": f"{pence // 100}.{pence % 100:02d}", "currency": "GBP"},
            "stock": {"total": pieces, "stores": stock_at_stores(item, names, moment)},
            "photos": {"main": self.picture_paths(item)[0], "more": self.picture_paths(item)[1:]},
            "attributes": item.attributes,
        }

    def store(self, shop: Shop) -> dict[str, Any]:
        """Return one store."""
        return {
            "slug": shop.id,
            "name": shop.name,
            "address_line": shop.street,
            "postcode": shop.postcode,
            "town": shop.city,
            "country": shop.country,
            "coordinates": [shop.latitude, shop.longitude],
            "hours": shop.hours,
        }
