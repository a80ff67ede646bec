"""The catalogue of a past day as text on screen, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from app.views import formatting
from app.views.cards import Card, card_of

if TYPE_CHECKING:
    from app.views.catalogue import ProductSummary
    from app.views.past import CatalogueOfDay


@dataclass(frozen=True, slots=True)
class DayText:
    """What the page of a day says above its products.

    `snapshot_at` is "" where no snapshot says what there was; `is_later` where it was taken after
    the day.
    """

    day: str
    title: str
    snapshot_at: str
    snapshot_href: str
    is_later: bool
    remarks: tuple[str, ...]


NO_DAY: Final = DayText("", "", "", "", is_later=False, remarks=())


def day_text(found: CatalogueOfDay, locale: str) -> DayText:
    """Write for a reader where the answer for a day comes from."""
    snapshot = found.snapshot
    taken_at = snapshot.taken_at if snapshot else None
    return DayText(
        day=found.day.isoformat(),
        title=formatting.day(datetime.combine(found.day, time(), UTC), locale),
        snapshot_at=taken_at.isoformat() if taken_at else "",
        snapshot_href=f"/snapshots/{snapshot.id}" if snapshot else "",
        is_later=taken_at is not None and taken_at.date() > found.day,
        remarks=found.remarks,
    )


def cards_of_day(found: CatalogueOfDay, locale: str) -> tuple[Card, ...]:
    """Write the products of a day: each leads to what held then, and says who says its price."""
    cards: list[Card] = []
    for summary in found.result.listing.products:
        card = card_of(summary, locale)
        cards.append(
            replace(
                card,
                href=f"/product/{summary.id}?as_of={found.day.isoformat()}",
                mark=_mark(found, summary, locale),
                # Only a snapshot knows the stock then.
                stock=card.stock if found.snapshot else "",
            )
        )
    return tuple(cards)


def _mark(found: CatalogueOfDay, summary: ProductSummary, locale: str) -> str:
    held = found.by_history.get(summary.id)
    if held is None:
        return "By the snapshot"
    seen = found.by_snapshot.get(summary.id)
    if seen is None or (seen.price_minor, seen.currency) == (held.price_minor, held.currency):
        return "By the price history"
    other = formatting.money(seen.price_minor, seen.currency, locale)
    return f"By the price history; snapshot: {other}"
