"""A comparison in words and figures, where no page is drawn: the command line, a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.views.comparison_query import KINDS
from app.views.formatting import DEFAULT_LOCALE, moment, money, number

if TYPE_CHECKING:
    from app.views.comparisons import ComparisonView, PriceFigures
    from app.views.snapshots import SnapshotView


def in_figures(found: ComparisonView) -> dict[str, Any]:
    """Return the summary for a program. Prices are in minor units, `seconds` what it took once."""
    return {
        "id": str(found.id),
        "before": str(found.before.id),
        "after": str(found.after.id),
        "rows_before": found.before.rows,
        "rows_after": found.after.rows,
        "added": found.added,
        "removed": found.removed,
        "changed": found.changed,
        "unchanged": found.unchanged,
        **{
            kind.replace(" ", "_"): found.kinds.get(kind, 0)
            for kind in KINDS
            if kind not in {"added", "removed"}
        },
        "prices": [
            {
                "currency": each.currency,
                "up": each.up,
                "down": each.down,
                "up_minor": each.up_minor,
                "down_minor": each.down_minor,
                "median_percent": each.median,
            }
            for each in found.prices
        ],
        "spread": {"steps_percent": found.steps, "products": found.spread},
        "seconds": None if found.seconds is None else round(found.seconds, 3),
        "notes": found.notes,
    }


def in_words(found: ComparisonView, locale: str = DEFAULT_LOCALE) -> str:
    """Return the summary as a few lines."""
    counts = [
        f"{word}: {number(figure, locale)}" for word, figure in counted(found) if figure is not None
    ]
    prices = [price_sentence(each, locale) for each in found.prices]
    return "\n".join((", ".join(counts) + ".", *prices, *found.notes))


def counted(found: ComparisonView) -> list[tuple[str, int | None]]:
    """Return what happened to how many products, in the order in which it matters."""
    kinds = [kind for kind in KINDS if kind not in {"added", "removed"}]
    return [
        ("added", found.added),
        ("removed", found.removed),
        *((kind, found.kinds.get(kind, 0)) for kind in kinds),
        ("unchanged", found.unchanged),
    ]


def price_sentence(prices: PriceFigures, locale: str = DEFAULT_LOCALE) -> str:
    """Return what prices in one currency did, in one sentence."""
    up, down = number(prices.up, locale), number(prices.down, locale)
    more = money(prices.up_minor, prices.currency, locale)
    less = money(-prices.down_minor, prices.currency, locale)
    return f"{prices.currency}: {up} up by {more} together, {down} down by {less} together."


def named(snapshot: SnapshotView, locale: str = DEFAULT_LOCALE) -> str:
    """Return when a stored snapshot was taken and what it holds."""
    taken = moment(snapshot.taken_at, locale) if snapshot.taken_at else ""
    return f"{taken} · {snapshot.title}"
