"""Which changes of a comparison are shown: the query part of its page's address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from app.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

# The kinds of changes, in the order in which they matter.
KINDS: Final = (
    "price up",
    "price down",
    "currency",
    "removed",
    "added",
    "stock",
    "stores",
    "name",
    "category",
    "details",
)
SIZES: Final = (1, 5, 10, 25, 50)
# Between the names of a path in an address; no name of a category holds it.
BETWEEN: Final = " / "


@dataclass(frozen=True, slots=True)
class ComparisonQuery:
    """Two snapshots, either of which may be still to choose, and what narrows their changes.

    `kind` is one of `KINDS` or "", `category` a path from the root, `at_least` per cent of a price
    changed up or down, `after` the place of the last row of the page above.
    """

    before: UUID | None = None
    after: UUID | None = None
    kind: str = ""
    supplier: int | None = None
    category: tuple[str, ...] = ()
    at_least: int | None = None
    below: int | None = None

    @classmethod
    def parse(cls, query: str | Mapping[str, str]) -> Self:
        """Read an address. Raises BadInput with what in it means nothing."""
        given = dict(parse_qsl(query.lstrip("?"))) if isinstance(query, str) else query
        kind = given.get("kind", "")
        if kind and kind not in KINDS:
            raise BadInput(f"There is no kind of change {kind!r}.")
        category = given.get("category", "")
        return cls(
            before=_id(given.get("a", "")),
            after=_id(given.get("b", "")),
            kind=kind,
            supplier=_number(given.get("supplier", "")),
            category=tuple(category.split(BETWEEN)) if category else (),
            at_least=_number(given.get("least", "")),
            below=_number(given.get("below", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether some changes may be left out."""
        return self.narrowed != ComparisonQuery(self.before, self.after)

    @property
    def narrowed(self) -> ComparisonQuery:
        """The same from its first page on."""
        return replace(self, below=None)

    @property
    def category_word(self) -> str:
        """The path as one word of an address."""
        return BETWEEN.join(self.category)

    def with_value(self, name: str, value: str) -> ComparisonQuery:
        """Return the same with one value of its address as another, from the first page on.

        Raises BadInput with what means nothing.
        """
        given = dict(parse_qsl(self.narrowed.address().partition("?")[2]))
        return ComparisonQuery.parse({**given, name: value})

    def address(self) -> str:
        """Return the address of the page that shows this."""
        given = {
            "a": self.before,
            "b": self.after,
            "kind": self.kind,
            "supplier": self.supplier,
            "category": self.category_word,
            "least": self.at_least,
            "below": self.below,
        }
        query = urlencode({name: str(to) for name, to in given.items() if to not in ("", None)})
        return f"/snapshots/compare?{query}" if query else "/snapshots/compare"


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadInput("The address names no snapshot: choose both again.") from None


def _number(text: str) -> int | None:
    # Postgres and Parquet count no further.
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - int32
        raise BadInput(f"{text[:20]!r} in the address is no number.")
    return int(text) if text else None
