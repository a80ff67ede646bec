"""Counts beside every choice, and the best matches: made in one look, in the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from app.services.catalogue.looks import is_whole
from app.services.catalogue.matching import Facet, Question
from app.services.catalogue.statements import BARS, BEST, WIDE, counting
from app.views.areas import DISTANCES_KM
from app.views.catalogue import Distance, FacetOption, Facets, PriceBar
from app.views.catalogue_query import Sort

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the one statement: `low` and `high` are prices, or a depth in the tree."""

    key: str
    label: str
    count: int
    low: int
    high: int


_Found: TypeAlias = defaultdict[str, list[_Row]]


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of a question and, where they were asked for, its best matches with ranks."""

    facets: Facets
    best: tuple[tuple[int, float], ...]


def count(connection: Connection, question: Question) -> Counted:
    """Count how a question can be narrowed; rank its matches where it wants the best first.

    A facet with a choice is counted over the matches without that choice; all others share the
    look at the matches themselves.
    """
    statement = counting(
        question.shape, len(question.category_path), ranks=question.order is Sort.BEST
    )
    found: _Found = defaultdict(list)
    for facet, key, label, matches, low, high in connection.execute(statement, question.values):
        found[facet].append(_Row(key or "", label or "", matches, low or 0, high or 0))
    best = tuple((int(row.key), float(row.label)) for row in found[BEST])
    return Counted(_facets(question, found), best)


def _facets(question: Question, found: _Found) -> Facets:
    query, most = question.query, question.shape.counted
    total = found["total all"][0].count
    exact = {
        facet: (found[f"total {facet}"][0].count if found[f"total {facet}"] else total) <= most
        for facet in Facet
    }
    if is_whole(question.shape):
        exact[Facet.SUPPLIER] = exact[Facet.CATEGORY] = True
    currencies = found["currency"]
    currency = question.currency or (currencies[0].key if currencies else "")
    stores_within = question.stores.within if question.stores else ()
    of_currency = next((row for row in currencies if row.key == currency), None)

    def options(facet: Facet, chosen: Iterable[object]) -> tuple[FacetOption, ...]:
        keys = {str(key) for key in chosen}
        rows = [row for row in found[facet] if row.count or facet is not Facet.CATEGORY]
        return _options(rows, keys, most=most, exact=exact[facet])

    return Facets(
        total=min(total, most),
        exact=total <= most,
        suppliers=options(Facet.SUPPLIER, query.suppliers),
        trail=_options(found["trail"], {str(query.category)}, most=most, exact=True),
        categories=options(Facet.CATEGORY, ()),
        brands=options(Facet.BRAND, query.brands),
        in_stock=FacetOption(
            key="1",
            label="In stock",
            count=min(found[Facet.STOCK][0].count, most),
            exact=exact[Facet.STOCK],
            chosen=query.in_stock,
        ),
        currency=currency,
        currencies=_options(currencies, {currency}, most=most, exact=exact[Facet.PRICE]),
        prices=_bars(found[Facet.PRICE], of_currency),
        distances=tuple(
            Distance(km, stores) for km, stores in zip(DISTANCES_KM, stores_within, strict=False)
        ),
    )


def _options(
    rows: Iterable[_Row], chosen: set[str], *, most: int, exact: bool
) -> tuple[FacetOption, ...]:
    return tuple(
        FacetOption(
            key=row.key,
            label=row.label,
            count=min(row.count, most),
            exact=exact and row.count <= most,
            chosen=row.key in chosen,
        )
        for row in rows
    )


def _bars(rows: list[_Row], bounds: _Row | None) -> tuple[PriceBar, ...]:
    """Return `BARS` bars from the lowest to the highest price, none where all cost the same."""
    if bounds is None or bounds.low == bounds.high:
        return ()
    low, high = bounds.low, bounds.high + 1
    if low > 0 and low * WIDE < bounds.high:
        edges = [round(low * (high / low) ** (step / BARS)) for step in range(BARS + 1)]
    else:
        edges = [low + round((high - low) * step / BARS) for step in range(BARS + 1)]
    edges[-1] = bounds.high
    counts = {int(row.key): row.count for row in rows}
    return tuple(
        PriceBar(edges[step], edges[step + 1], counts.get(step + 1, 0)) for step in range(BARS)
    )
