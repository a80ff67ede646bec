"""What somebody asks a snapshot, as conditions: what they typed is bound, and never written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from app.views.past import PastQuestion

# What the words of a search are looked for in.
_WORDS: Final = (
    "lower(concat_ws(' ', name, brand, sku, external_id, supplier, array_to_string(category, ' ')))"
)


@dataclass(slots=True)
class Conditions:
    """What is asked for: each condition by the facet it belongs to, with its values."""

    by_facet: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, facet: str, condition: str, **values: Any) -> None:  # noqa: ANN401 - as DuckDB takes them
        """Ask for something more; `values` are what `$name` in it stands for."""
        self.by_facet.setdefault(facet, []).append(condition)
        self.values |= values

    def where(self, *more: str, without: str = "") -> str:
        """Return all of it and `more` as one condition, without that of a facet."""
        kept = [
            condition
            for facet, conditions in self.by_facet.items()
            if facet != without
            for condition in conditions
        ]
        return " AND ".join((*kept, *more)) or "true"


def narrowed(question: PastQuestion) -> Conditions:
    """Return what narrows a snapshot but the currency, which has to be found out."""
    query, asked = question.query, Conditions()
    if question.known_by is not None:
        # DuckDB takes no times of Python's but through one package more.
        known_by = int(question.known_by.timestamp() * 1_000_000)
        asked.add("known", "created_at <= make_timestamptz($known_by)", known_by=known_by)
    _ask_for_words(asked, query.text)
    if query.suppliers:
        suppliers = list(query.suppliers)
        asked.add("supplier", "list_contains($suppliers, supplier_id)", suppliers=suppliers)
    if query.category is not None:
        _ask_for_category(asked, list(question.category))
    if query.brands:
        asked.add("brand", "list_contains($brands, brand)", brands=list(query.brands))
    if question.stores is not None:
        _ask_for_stores(asked, list(question.stores))
    if query.in_stock:
        asked.add("stock", "stock > 0")
    _ask_for_prices(asked, query.price_min, query.price_max)
    return asked


def _ask_for_words(asked: Conditions, text: str) -> None:
    for place, word in enumerate(text.lower().split()):
        asked.add("text", f"contains({_WORDS}, $w{place})", **{f"w{place}": word})


def _ask_for_category(asked: Conditions, path: list[str]) -> None:
    """Ask for what is in a category or below it; one that nobody knows any more holds nothing."""
    if path:
        asked.add("category", f"category[1:{len(path)}] = $path", path=path)
    else:
        asked.add("category", "false")


def _ask_for_stores(asked: Conditions, stores: list[int]) -> None:
    """Ask for what one of the stores has in stock."""
    if stores:
        has = "lambda s: s.stock > 0 AND list_contains($there, s.store_id)"
        asked.add("place", f"len(list_filter(stores, {has})) > 0", there=stores)
    else:
        asked.add("place", "false")


def _ask_for_prices(asked: Conditions, least: int | None, most: int | None) -> None:
    if least is not None:
        asked.add("price", "price_minor >= $low", low=least)
    if most is not None:
        asked.add("price", "price_minor <= $high", high=most)
