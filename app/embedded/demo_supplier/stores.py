"""The demo suppliers' stores, read from `stores.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("stores.toml")


@dataclass(frozen=True, slots=True)
class Shop:
    """One store; `hours` maps `mon` … `sun` to a span of time or "closed"."""

    id: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float
    hours: dict[str, str]


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


@lru_cache(maxsize=3)
def shops(supplier: str) -> tuple[Shop, ...]:
    """Return the stores of `supplier`."""
    read: list[Shop] = []
    for line in _file()["stores"][supplier]:
        key, name, street, postcode, city, country, latitude, longitude, hours = line.split(" | ")
        read.append(
            Shop(
                id=key,
                name=name,
                street=street,
                postcode=postcode,
                city=city,
                country=country,
                latitude=float(latitude),
                longitude=float(longitude),
                hours=_file()["hours"][hours],
            )
        )
    return tuple(read)
