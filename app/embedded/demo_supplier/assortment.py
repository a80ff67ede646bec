"""What the demo suppliers sell: made from `kinds/*.toml` and a seed, the same every time."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

KINDS = Path(__file__).parent / "kinds"
# Options that do not run from small to large say nothing about the price.
UNORDERED = frozenset(
    {
        "bristle", "colour", "filling", "finish", "lens", "light", "make", "material", "roast",
        "ruling", "scent",
    }
)  # fmt: skip
# A supplier carries most variants of what it sells, and some of them in a second brand too.
CARRIED_PERCENT = 94
SECOND_BRAND_PERCENT = 50
SUPPLIER_PRICE_PERCENT = {"verkko": 100, "norda": 96, "atlas": 104}


@dataclass(frozen=True, slots=True)
class Item:
    """One product of a demo supplier; `base_cents` is its price in euro cents before any drift."""

    sku: str
    name: str
    description: str
    brand: str
    category: tuple[str, ...]
    attributes: dict[str, str]
    shape: str
    base_cents: int
    number: int


def chance(*of: object, below: int) -> int:
    """Return a number from 0 to `below` - 1 that depends on `of` alone."""
    text = "\x1f".join(str(part) for part in of).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") % below


def shelf_price(cents: Decimal) -> int:
    """Round to a price as shops write it: to 5 cents below 10, to 10 below 100, else to a whole."""
    step = 5 if cents < 1_000 else 10 if cents < 10_000 else 100  # noqa: PLR2004 - says the docstring
    whole = int((cents / step).to_integral_value(ROUND_HALF_UP)) * step
    return max(whole, step)


def _kinds() -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = []
    for path in sorted(KINDS.glob("*.toml")):
        kinds += tomllib.loads(path.read_text("utf-8"))["kind"]
    return kinds


def _position(options: dict[str, list[str]], chosen: dict[str, str]) -> Decimal:
    """Return where the variant stands between the smallest, 0, and the largest, 1."""
    places = [
        Decimal(values.index(chosen[name])) / (len(values) - 1)
        for name, values in options.items()
        if name not in UNORDERED and len(values) > 1
    ]
    return sum(places, Decimal(0)) / len(places) if places else Decimal("0.5")


def _base_cents(kind: dict[str, Any], chosen: dict[str, str], supplier: str, brand: str) -> int:
    low, high = (Decimal(str(euros)) * 100 for euros in kind["price"])
    place = _position(kind["options"], chosen)
    # Small sizes lie closer together than large ones do.
    cents = low + (high - low) * (place * place + place) / 2
    brand_percent = 92 + chance("brand", brand, below=17)
    return shelf_price(cents * SUPPLIER_PRICE_PERCENT[supplier] * brand_percent / 10_000)


def _sentence_case(name: str) -> str:
    return name[:1].upper() + name[1:]


def _brands(kind: dict[str, Any], supplier: str, variant: str, seed: int) -> list[str]:
    """Return under which of the kind's brands the supplier carries the variant."""
    if chance(seed, supplier, variant, "carried", below=100) >= CARRIED_PERCENT:
        return []
    brands: list[str] = kind["brands"]
    first = chance(seed, supplier, kind["name"], below=len(brands))
    both = (
        len(brands) > 1
        and chance(seed, supplier, variant, "second", below=100) < SECOND_BRAND_PERCENT
    )
    return [brands[first], brands[(first + 1) % len(brands)]] if both else [brands[first]]


def assortment(supplier: str, *, seed: int) -> tuple[Item, ...]:
    """Return everything `supplier` (`verkko`, `norda` or `atlas`) sells, in its own order."""
    items: list[Item] = []
    for kind_number, kind in enumerate(_kinds(), start=11):
        if supplier not in kind["sold_by"]:
            continue
        options: dict[str, list[str]] = kind["options"]
        for variant_number, values in enumerate(itertools.product(*options.values()), start=1):
            chosen = dict(zip(options, values, strict=True))
            name = _sentence_case(kind["name"].format(**chosen))
            for brand in _brands(kind, supplier, name, seed):
                items.append(
                    Item(
                        sku=f"{supplier[0].upper()}{brand[:2].upper()}-"
                        f"{kind_number:03d}{variant_number:03d}",
                        name=name,
                        description=kind["about"].format(**chosen),
                        brand=brand,
                        category=tuple(kind["category"].split(" > ")),
                        attributes={label.capitalize(): value for label, value in chosen.items()},
                        shape=kind["shape"],
                        base_cents=_base_cents(kind, chosen, supplier, brand),
                        number=len(items) + 1,
                    )
                )
    return tuple(items)
