"""A comparison as its page shows it: every text formatted for the reader."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.views.comparison_query import KINDS, SIZES, ComparisonQuery
from app.views.comparison_text import counted, named, price_sentence
from app.views.formatting import money, number

if TYPE_CHECKING:
    from app.views.comparisons import Change, ChangesPage, ComparisonView
    from app.views.snapshots import SnapshotView

# A sign and a word beside each colour.
_TONES: Final = {
    "price up": "warn",
    "price down": "good",
    "currency": "warn",
    "removed": "bad",
    "added": "info",
}
# One value of a choice: what stands in the address, and its text.
Choice = tuple[str, str]
_MINUS: Final = "\N{MINUS SIGN}"
_NONE: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Tile:
    """How many products changed in one way; `href` shows them, "" where there are none to show."""

    word: str
    figure: str
    href: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """How many prices changed by so much; `share` is its length, in per cent of the longest."""

    label: str
    figure: str
    share: int
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed of a product: what, from, to, and by how much."""

    what: str
    tone: str
    before: str
    after: str
    by: str


@dataclass(frozen=True, slots=True)
class Row:
    """One product that differs."""

    key: str
    href: str
    name: str
    second: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """The whole page but for the two choices on top; `is_same` where nothing differs."""

    sentence: str
    notes: tuple[str, ...]
    tiles: tuple[Tile, ...]
    prices: tuple[str, ...]
    bars: tuple[Bar, ...]
    kinds: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    suppliers: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    rows: tuple[Row, ...]
    total: str
    first_href: str
    next_href: str
    is_same: bool
    is_narrowed: bool


NO_COMPARISON: Final = ComparisonPage(
    "", (), (), (), (), (), (), (), (), (), "", "", "", is_same=False, is_narrowed=False
)


def choice_of(snapshot: SnapshotView, locale: str) -> Choice:
    """Return a snapshot as one is chosen."""
    return str(snapshot.id), named(snapshot, locale)


def page_of(
    found: ComparisonView, changes: ChangesPage, query: ComparisonQuery, locale: str
) -> ComparisonPage:
    """Return the page of a stored comparison."""
    asked = query.narrowed
    total = number(changes.total, locale)
    return ComparisonPage(
        sentence=_sentence(found, locale),
        notes=found.notes,
        tiles=tuple(
            Tile(
                word,
                _NONE if figure is None else number(figure, locale),
                replace(asked, kind="" if word == asked.kind else word).address()
                if figure and word in KINDS
                else "",
                word == asked.kind,
            )
            for word, figure in counted(found)
        ),
        prices=tuple(price_sentence(each, locale) for each in found.prices),
        bars=_bars(found, locale),
        kinds=_choices("Any change", [(kind, kind.capitalize()) for kind in KINDS]),
        sizes=_choices("Any size", [(str(size), f"Price by {size} % or more") for size in SIZES]),
        suppliers=_choices(
            "All suppliers",
            [(each.key, f"{each.name} ({number(each.rows, locale)})") for each in found.suppliers],
        ),
        categories=_choices(
            "All categories",
            [(each.key, f"{each.name} ({number(each.rows, locale)})") for each in found.categories],
        ),
        rows=tuple(_row(change, locale) for change in changes.rows),
        total=f"{total} product" if changes.total == 1 else f"{total} products",
        first_href=asked.address() if query.below is not None else "",
        next_href=(
            replace(query, below=changes.next_after).address()
            if changes.next_after is not None
            else ""
        ),
        is_same=found.rows == 0,
        is_narrowed=query.is_narrowed,
    )


def _choices(every: str, values: list[tuple[str, str]]) -> tuple[Choice, ...]:
    return (("", every), *values)


def _sentence(found: ComparisonView, locale: str) -> str:
    if found.rows == 0:
        return f"Nothing changed: {number(found.unchanged, locale)} products are the same in both."
    parts = [f"{number(found.changed, locale)} changed"]
    if found.added is not None and found.removed is not None:
        parts += [
            f"{number(found.added, locale)} added",
            f"{number(found.removed, locale)} removed",
        ]
    same = number(found.unchanged, locale)
    return f"{', '.join(parts)}; {same} are the same in both."


def _bars(found: ComparisonView, locale: str) -> tuple[Bar, ...]:
    if not any(found.spread):
        return ()
    most = max(found.spread)
    # The bounds of each: a step and the next, further away from nothing.
    bounds = [None, *found.steps, None]
    return tuple(
        Bar(
            label=_between(low, high),
            figure=number(count, locale),
            share=max(1, round(100 * count / most)) if count else 0,
            tone="down" if (high or 1) <= 0 else "up",
        )
        for low, high, count in zip(bounds, bounds[1:], found.spread, strict=False)
    )


def _between(low: int | None, high: int | None) -> str:
    if low is None:
        return f"more than {_signed(high or 0)}"
    if high is None:
        return f"more than {_signed(low)}"
    near, far = (low, high) if low >= 0 else (high, low)
    return f"up to {_signed(far)}" if near == 0 else f"{_signed(near)} to {_signed(far)}"


def _signed(share: float) -> str:
    sign = _MINUS if share < 0 else "+"
    return f"{sign}{abs(share):g} %"


def _row(change: Change, locale: str) -> Row:
    is_gone = "removed" in change.kinds
    return Row(
        key=str(change.product_id),
        href="" if is_gone else f"/product/{change.product_id}",
        name=change.name,
        second=f"{change.supplier} · {change.external_id}",
        lines=tuple(_line(kind, change, locale) for kind in change.kinds),
    )


def _line(kind: str, change: Change, locale: str) -> Line:
    before, after = _sides(kind, change, locale)
    by = ""
    if kind.startswith("price"):
        by = "from nothing" if change.percent is None else _share(change.percent)
    elif kind == "stock" and change.stock_before is not None and change.stock_after is not None:
        more = change.stock_after - change.stock_before
        by = f"{_MINUS if more < 0 else '+'}{number(abs(more), locale)}"
    return Line(kind, _TONES.get(kind, "neutral"), before, after, by)


def _share(percent: float) -> str:
    shown = f"{abs(percent):.1f}"
    return f"{_MINUS if percent < 0 else '+'}{'<0.1' if shown == '0.0' else shown} %"


def _sides(kind: str, change: Change, locale: str) -> tuple[str, str]:
    """Return what was said before and is said after, as far as it is of this kind."""
    prices = (
        _price(change.price_before, change.currency_before, locale),
        _price(change.price_after, change.currency_after, locale),
    )
    return {
        "name": (change.name_before or "", change.name_after or ""),
        "category": (
            " / ".join(change.category_before) or "none",
            " / ".join(change.category_after) or "none",
        ),
        "stock": (_pieces(change.stock_before, locale), _pieces(change.stock_after, locale)),
        "stores": (_stores(change.stores_before, locale), _stores(change.stores_after, locale)),
        "details": ("", "description, brand, number, pictures or attributes"),
    }.get(kind, prices)


def _price(minor: int | None, currency: str | None, locale: str) -> str:
    return "" if minor is None or currency is None else money(minor, currency, locale)


def _pieces(stock: int | None, locale: str) -> str:
    return "not said" if stock is None else number(stock, locale)


def _stores(stores: tuple[tuple[str, int], ...], locale: str) -> str:
    return ", ".join(f"{name} {number(pieces, locale)}" for name, pieces in stores) or "none"
