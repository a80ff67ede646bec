"""The result as text on screen: how many there are, what narrows them, and the way on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.views import formatting
from app.views.areas import in_words
from app.views.catalogue_panel import Choice
from app.views.catalogue_query import CatalogueQuery, Layout, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.views.catalogue import Facets, Listing

SORTS: Final[dict[Sort, str]] = {
    Sort.BEST: "Best match",
    Sort.NEWEST: "Newest",
    Sort.NAME: "Name",
    Sort.PRICE_UP: "Price, low to high",
    Sort.PRICE_DOWN: "Price, high to low",
}
# A snapshot keeps no words ready to be ranked.
PAST_SORTS: Final = {sort: words for sort, words in SORTS.items() if sort is not Sort.BEST}
# Nor does the price history keep prices ready to be compared.
KNOWN_SORTS: Final = {Sort.NEWEST: SORTS[Sort.NEWEST]}


@dataclass(frozen=True, slots=True)
class Found:
    """The bar above the result. `count` says how many products, `corrected` what was searched."""

    count: str
    is_empty: bool
    text: str
    corrected: str
    notice: str
    chips: tuple[Choice, ...]
    clear_href: str
    anew_href: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the tools of the result lead; "" where there is no such page."""

    layout: str
    grid_href: str
    table_href: str
    map_href: str
    sort_href: str
    sorts: tuple[tuple[str, str], ...]
    previous_href: str
    next_href: str


NOT_FOUND_YET: Final = Found("", False, "", "", "", (), "", "")  # noqa: FBT003 - a dataclass's own order
NO_WAYS: Final = Ways(Layout.GRID, "", "", "", "", (), "", "")


def found_of(listing: Listing, facets: Facets, query: CatalogueQuery, locale: str) -> Found:
    """Write the bar above the result for a reader."""
    start = query.first_page()
    total = formatting.capped(facets.total, exact=facets.exact, limit=facets.total, locale=locale)
    one = facets.exact and facets.total == 1
    return Found(
        count=f"{total} {'product' if one else 'products'}",
        is_empty=not listing.products,
        text=query.text,
        corrected=listing.corrected,
        notice=listing.problem,
        chips=_chips(facets, start, locale),
        clear_href=start.without_filters().address(),
        anew_href=CatalogueQuery(layout=query.layout, path=query.path).address(),
    )


def _chips(facets: Facets, start: CatalogueQuery, locale: str) -> tuple[Choice, ...]:
    """Return what narrows the result, each with the address without it."""

    def chip(label: str, without: CatalogueQuery) -> Choice:
        return Choice(label, "", chosen=True, href=without.address())

    chips = [
        chip(option.label, start.toggle_supplier(int(option.key)))
        for option in facets.suppliers
        if option.chosen
    ]
    chips += [chip(o.label, replace(start, category=None)) for o in facets.trail if o.chosen]
    if start.category is not None and not any(o.chosen for o in facets.trail):
        chips.append(chip("Unknown category", replace(start, category=None)))
    chips += [chip(name, start.toggle_brand(name)) for name in start.brands]
    if start.has_price:
        chips.append(
            chip(
                _range_said(start, facets.currency, locale),
                replace(start, price_min=None, price_max=None, currency=None),
            )
        )
    elif start.currency or start.order.by_price:
        by_price = start.sort if not start.order.by_price else None
        chips.append(
            chip(f"Prices in {facets.currency}", replace(start, currency=None, sort=by_price))
        )
    if start.in_stock:
        chips.append(chip("In stock", replace(start, in_stock=False)))
    if start.place is not None:
        said = in_words(start.place)
        chips.append(chip(said[0].upper() + said[1:], replace(start, place=None)))
    return tuple(chips)


def _range_said(query: CatalogueQuery, currency: str, locale: str) -> str:
    def money(minor: int) -> str:
        return formatting.money(minor, currency, locale)

    if query.price_min is None:
        return f"Up to {money(query.price_max or 0)}"
    if query.price_max is None:
        return f"From {money(query.price_min)}"
    return f"{money(query.price_min)} to {money(query.price_max)}"


def ways_of(listing: Listing, query: CatalogueQuery, *, orders: Mapping[Sort, str] = SORTS) -> Ways:
    """Say where the tools of the result lead; `orders` are those that can be had, with words."""
    start = query.first_page()
    sorts = tuple(
        (replace(start, sort=sort).address(), words)
        for sort, words in orders.items()
        if sort is not Sort.BEST or query.text
    )
    return Ways(
        layout=query.layout,
        grid_href=replace(query, layout=Layout.GRID).address(),
        table_href=replace(query, layout=Layout.TABLE).address(),
        map_href=replace(query, layout=Layout.MAP).address(),
        sort_href=replace(start, sort=query.order).address(),
        sorts=sorts,
        previous_href=_turned(query, listing.previous),
        next_href=_turned(query, listing.next),
    )


def _turned(query: CatalogueQuery, cursor: str | None) -> str:
    return replace(query, after=cursor).address() if cursor else ""
