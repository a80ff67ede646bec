"""Counts beside every choice: one look at up to `COUNTED` matches, aggregated in the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.services.catalogue.matching import Facet, Question
from app.services.catalogue.statements import (
    BARS,
    COUNTED,
    WIDE,
    counting,
    root_counts,
    supplier_counts,
)
from app.views.catalogue import FacetOption, Facets, PriceBar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from app.services.catalogue.statements import Lines


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the one statement: `low` and `high` are prices, or a depth in the tree."""

    key: str
    label: str
    count: int
    low: int
    high: int


def count_facets(connection: Connection, question: Question) -> Facets:
    """Count how a question can be narrowed.

    A facet with a choice is counted over the matches without that choice; all others share the
    look at the matches themselves.
    """
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    depth = len(question.category_path)
    for row in connection.execute(counting(question.shape, depth), question.values):
        found[row.facet].append(
            _Row(row.key or "", row.label or "", row.matches, row.low or 0, row.high or 0)
        )
    facets = _facets(question, found)
    if facets.exact or question.shape.chosen or question.wording.tsquery:
        return facets
    # The whole catalogue, and too large to look at: what lies first in the table would pass for
    # everything. Each supplier and main category is counted for itself, by its index.
    return replace(
        facets,
        suppliers=_options(_all_capped(connection, supplier_counts()), set(), exact=True),
        categories=_options(_all_capped(connection, root_counts()), set(), exact=True),
    )


def _facets(question: Question, found: dict[str, list[_Row]]) -> Facets:
    query = question.query
    total = found["total all"][0].count
    exact = {
        facet: (found[f"total {facet}"][0].count if found[f"total {facet}"] else total) <= COUNTED
        for facet in Facet
    }
    currencies = found["currency"]
    currency = question.currency or (currencies[0].key if currencies else "")
    of_currency = next((row for row in currencies if row.key == currency), None)
    return Facets(
        total=min(total, COUNTED),
        exact=total <= COUNTED,
        suppliers=_options(
            found[Facet.SUPPLIER],
            {str(number) for number in query.suppliers},
            exact=exact[Facet.SUPPLIER],
        ),
        trail=_options(found["trail"], {str(query.category)}, exact=True),
        categories=_options(found[Facet.CATEGORY], set(), exact=exact[Facet.CATEGORY]),
        brands=_options(found[Facet.BRAND], set(query.brands), exact=exact[Facet.BRAND]),
        in_stock=FacetOption(
            key="1",
            label="In stock",
            count=min(found[Facet.STOCK][0].count, COUNTED),
            exact=exact[Facet.STOCK],
            chosen=query.in_stock,
        ),
        currency=currency,
        currencies=_options(currencies, {currency}, exact=exact[Facet.PRICE]),
        prices=_bars(found[Facet.PRICE], of_currency),
    )


def _options(rows: Iterable[_Row], chosen: set[str], *, exact: bool) -> tuple[FacetOption, ...]:
    return tuple(
        FacetOption(
            key=row.key,
            label=row.label,
            count=min(row.count, COUNTED),
            exact=exact and row.count <= COUNTED,
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


def _all_capped(connection: Connection, lines: Lines) -> list[_Row]:
    return [
        _Row(row.key, row.label, row.matches, 0, 0)
        for row in connection.execute(lines)
        if row.matches
    ]
