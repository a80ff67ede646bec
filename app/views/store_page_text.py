"""The page of one store as text, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from app.views import formatting
from app.views.cards import stock_word
from app.views.store_hours_text import DayHours, week_of
from app.views.store_text import NO_STORE, StoreRow, store_row
from app.views.stores import NearStore

if TYPE_CHECKING:
    from app.views.stores import Opening, ShelfProduct, ShelvesPage, StorePage


@dataclass(frozen=True, slots=True)
class StorePageText:
    """All of a store but its shelves; `withdrawn_at` is ISO 8601 text in UTC, "" while it is there.

    `week` is empty where the feed's hours cannot be told apart by days: `hours` says them then.
    `zone` is the time zone that the hours are in, "" where nobody can tell.
    """

    store: StoreRow
    has_place: bool
    week: tuple[DayHours, ...]
    hours: str
    zone: str
    services: tuple[str, ...]
    products: str
    withdrawn_at: str


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One product that a store has."""

    href: str
    name: str
    about: str
    price: str
    stock: str
    stock_tone: str


@dataclass(frozen=True, slots=True)
class ShelvesText:
    """A page of what a store has; addresses are "" where there is no such page."""

    rows: tuple[ShelfRow, ...] = ()
    words: str = ""
    first_href: str = ""
    next_href: str = ""


NO_PAGE: Final = StorePageText(NO_STORE, False, (), "", "", (), "", "")  # noqa: FBT003 - a field
NO_SHELVES: Final = ShelvesText()


def store_page_text(page: StorePage, opening: Opening, locale: str) -> StorePageText:
    """Write a store for a reader."""
    hours = page.store.opening_hours
    products = formatting.number(page.products, locale)
    return StorePageText(
        store=store_row(NearStore(page.store, 0), opening, locale),
        has_place=page.store.latitude is not None,
        week=week_of(hours, opening, locale),
        hours=hours.get("text", ""),
        zone=str(opening.there.tzinfo) if opening.there else "",
        services=page.services,
        products=f"{products} {'product' if page.products == 1 else 'products'}",
        withdrawn_at=page.withdrawn_at.isoformat() if page.withdrawn_at else "",
    )


def shelves_text(
    page: ShelvesPage, path: str, words: str, *, is_first: bool, locale: str
) -> ShelvesText:
    """Write a page of what a store has; `path` is that of its page."""
    return ShelvesText(
        rows=tuple(_row(product, locale) for product in page.products),
        words=words,
        first_href="" if is_first else shelves_href(path, words),
        next_href="" if page.before is None else shelves_href(path, words, page.before),
    )


def shelves_href(path: str, words: str, before: int | None = None) -> str:
    """Return where a page of a store's shelves is."""
    given = {"q": words, "before": before}
    rendered = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{rendered}" if rendered else path


def _row(product: ShelfProduct, locale: str) -> ShelfRow:
    stock = stock_word(product.stock, locale)
    return ShelfRow(
        href=f"/product/{product.id}",
        name=product.name,
        about=" · ".join(filter(None, (product.brand, product.sku))),
        price=formatting.money(product.price_minor, product.currency, locale),
        stock=stock.text,
        stock_tone=stock.tone,
    )
