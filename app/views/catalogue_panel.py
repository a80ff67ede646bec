"""The filters as text on screen: every choice with its count and the address it leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from app.errors import BadInput
from app.views import formatting
from app.views.areas import Circle
from app.views.catalogue_query import MAX_PRICE, CatalogueQuery
from app.views.places import counted_stores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.views.catalogue import FacetOption, Facets

# No price is longer.
MAX_TYPED: Final = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen or taken back by going to `href`; `count` may be ""."""

    label: str
    count: str
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the prices: `height` in percent of the tallest, `inside` the chosen range."""

    height: int
    inside: bool
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class PriceRange:
    """The prices of one currency: the bars, their ends, and what stands in the two fields."""

    currency: str
    sign: str
    low: str
    high: str
    least: str
    most: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """How the result can be narrowed."""

    suppliers: tuple[Choice, ...]
    trail: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    brands: tuple[Choice, ...]
    in_stock: Choice
    currencies: tuple[Choice, ...]
    price: PriceRange
    distances: tuple[Choice, ...] = ()
    place: str = ""


NO_CHOICE: Final = Choice("", "", chosen=False, href="")
NO_PRICES: Final = PriceRange("", "", "", "", "", "", ())
NO_PANEL: Final = Panel((), (), (), (), NO_CHOICE, (), NO_PRICES)


def panel_of(facets: Facets, query: CatalogueQuery, locale: str) -> Panel:
    """Write the filters for a reader."""
    start = query.first_page()
    chosen_category = query.category is not None

    def choices(options: tuple[FacetOption, ...], href: dict[str, str]) -> tuple[Choice, ...]:
        return tuple(
            Choice(option.label, _count(option, locale), option.chosen, href[option.key])
            for option in options
            # A choice without matches helps nobody, unless it is the one to take back.
            if option.count or option.chosen or not option.exact
        )

    def into(options: tuple[FacetOption, ...]) -> dict[str, str]:
        return {
            option.key: replace(start, category=int(option.key)).address() for option in options
        }

    root = Choice(
        "All categories", "", not chosen_category, replace(start, category=None).address()
    )
    return Panel(
        suppliers=choices(
            facets.suppliers,
            {o.key: start.toggle_supplier(int(o.key)).address() for o in facets.suppliers},
        ),
        trail=(root, *choices(facets.trail, into(facets.trail))) if chosen_category else (),
        categories=choices(facets.categories, into(facets.categories)),
        brands=choices(
            facets.brands, {o.key: start.toggle_brand(o.key).address() for o in facets.brands}
        ),
        in_stock=Choice(
            facets.in_stock.label,
            _count(facets.in_stock, locale),
            facets.in_stock.chosen,
            replace(start, in_stock=not start.in_stock).address(),
        ),
        currencies=_currencies(facets, start, locale),
        price=_price_range(facets, start, locale),
        distances=_distances(facets, start, locale),
        place=start.place.name if isinstance(start.place, Circle) else "",
    )


def _distances(facets: Facets, start: CatalogueQuery, locale: str) -> tuple[Choice, ...]:
    """Return how far to go from the chosen place, with how many stores there are."""
    circle = start.place
    if not isinstance(circle, Circle):
        return ()
    return tuple(
        Choice(
            f"{each.km} km",
            counted_stores(each.stores, locale),
            each.km == circle.km,
            replace(start, place=replace(circle, km=each.km)).address(),
        )
        for each in facets.distances
    )


def _count(option: FacetOption, locale: str) -> str:
    if not option.exact and not option.count:
        return ""
    return formatting.capped(option.count, exact=option.exact, limit=option.count, locale=locale)


def _currencies(facets: Facets, start: CatalogueQuery, locale: str) -> tuple[Choice, ...]:
    """Return the currencies to choose from, none where all prices are in one."""
    if len(facets.currencies) < 2:  # noqa: PLR2004 - a choice has two sides
        return ()
    anew = replace(start, price_min=None, price_max=None)
    return tuple(
        Choice(
            option.label,
            _count(option, locale),
            option.chosen,
            replace(anew, currency=option.key).address(),
        )
        for option in facets.currencies
    )


def _price_range(facets: Facets, start: CatalogueQuery, locale: str) -> PriceRange:
    currency = facets.currency
    if not facets.prices:
        return replace(NO_PRICES, currency=currency, sign=_sign(currency, locale))
    tallest = max(bar.count for bar in facets.prices) or 1
    last = facets.prices[-1]
    return PriceRange(
        currency=currency,
        sign=_sign(currency, locale),
        low=formatting.short_money(facets.prices[0].low, currency, locale),
        high=formatting.short_money(last.high, currency, locale),
        least=_typed(start.price_min, currency),
        most=_typed(start.price_max, currency),
        bars=tuple(
            Bar(
                height=round(100 * bar.count / tallest),
                inside=_inside(start, bar.low, bar.high),
                label=f"{formatting.short_money(bar.low, currency, locale)} to "
                f"{formatting.short_money(bar.high, currency, locale)}: "
                f"{formatting.number(bar.count, locale)}",
                href=replace(
                    start,
                    price_min=bar.low,
                    price_max=bar.high if bar is last else max(bar.low, bar.high - 1),
                    currency=currency,
                ).address(),
            )
            for bar in facets.prices
        ),
    )


def _sign(currency: str, locale: str) -> str:
    return formatting.currency_sign(currency, locale) if currency else ""


def _inside(query: CatalogueQuery, low: int, high: int) -> bool:
    above = query.price_min is None or high > query.price_min
    return above and (query.price_max is None or low <= query.price_max)


def _typed(minor: int | None, currency: str) -> str:
    return "" if minor is None else f"{formatting.major(minor, currency).normalize():f}"


def typed_price(text: str, currency: str) -> int | None:
    """Read an amount that somebody typed, in minor units; None where nothing usable stands.

    The last of a comma and a point is the decimal sign, whatever the reader's locale.
    """
    figures = "".join(letter for letter in text if letter.isdecimal() or letter in ".,")
    whole, point, part = figures.replace(",", ".").rpartition(".")
    number = f"{whole.replace('.', '')}.{part}" if point else part
    try:
        minor = formatting.minor(Decimal(number), currency)
    except (InvalidOperation, ValueError):
        return None
    return minor if 0 <= minor <= MAX_PRICE else None


def with_typed_prices(
    query: CatalogueQuery, form: Mapping[str, object], currency: str
) -> CatalogueQuery:
    """Return `query` narrowed to the prices typed as `least` and `most`.

    They are in its currency, in `currency` where it has none. Raises BadInput.
    """
    currency = query.currency or currency
    typed = [str(form.get(name, "")).strip()[:MAX_TYPED] for name in ("least", "most")]
    least, most = (typed_price(text, currency) for text in typed)
    if any(text and price is None for text, price in zip(typed, (least, most), strict=True)):
        raise BadInput("Write the price in figures, such as 12.50.")
    if least is not None and most is not None and least > most:
        raise BadInput("The lower price comes first.")
    kept = None if least is None and most is None else currency
    return replace(query, price_min=least, price_max=most, currency=kept)
