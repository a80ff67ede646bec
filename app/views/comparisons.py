"""What pages and the command line show of comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from app.views.snapshots import SnapshotView


@dataclass(frozen=True, slots=True)
class PriceFigures:
    """What prices in one currency did: how many went up and down, and by how much together.

    In minor units, down is negative. `median` is the middle share of all of them in per cent,
    None where all of them were nothing before.
    """

    currency: str
    up: int
    down: int
    up_minor: int
    down_minor: int
    median: float | None


@dataclass(frozen=True, slots=True)
class ChoiceCount:
    """A supplier or a category among the changes: its key in an address, and how many products."""

    key: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """What two snapshots say differently.

    `kinds` counts products by kind of change; one product may be of several. `changed` counts those
    that both have and that differ. `added` and `removed` are None where the two hold different
    searches: then `notes` say in sentences what that means. `spread` counts price changes between
    `steps`, in per cent. While `is_open`, `stage` says what is done and `bytes_done` how many bytes
    of `bytes_expected` were fetched.
    """

    id: UUID
    before: SnapshotView
    after: SnapshotView
    state: str
    stage: str
    problem: str
    bytes_done: int
    bytes_expected: int
    rows: int
    seconds: float | None
    added: int | None
    removed: int | None
    changed: int
    unchanged: int
    kinds: dict[str, int]
    prices: tuple[PriceFigures, ...]
    steps: tuple[int, ...]
    spread: tuple[int, ...]
    suppliers: tuple[ChoiceCount, ...]
    categories: tuple[ChoiceCount, ...]
    notes: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is still being made."""
        return self.state in {"queued", "comparing"}

    @property
    def is_stored(self) -> bool:
        """Whether it can be read."""
        return self.state == "stored"


@dataclass(frozen=True, slots=True)
class Change:
    """One product that differs; what is of before is empty for an added one, and so on.

    Prices are in minor units. `percent` is None where the price did not change, was nothing before
    or is in another currency now. `stores` are names with pieces; `place` is where it stands in the
    comparison, by which the next page begins.
    """

    place: int
    product_id: int
    external_id: str
    supplier: str
    kinds: tuple[str, ...]
    name_before: str | None
    name_after: str | None
    category_before: tuple[str, ...]
    category_after: tuple[str, ...]
    price_before: int | None
    price_after: int | None
    currency_before: str | None
    currency_after: str | None
    percent: float | None
    stock_before: int | None
    stock_after: int | None
    stores_before: tuple[tuple[str, int], ...]
    stores_after: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The newest name it had."""
        return self.name_after or self.name_before or ""


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Some changes, the largest first, of `total` that were asked for.

    `next_after` is given as `after` to get those below, None where there are none.
    """

    rows: tuple[Change, ...]
    total: int
    next_after: int | None
