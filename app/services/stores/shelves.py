"""What a store has in stock."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from app.services.stores import statements
from app.views.stores import ShelfProduct, ShelvesPage

if TYPE_CHECKING:
    from app.work import Work

ON_A_PAGE: Final = 50
# Greater than every id.
_FIRST_PAGE: Final = 2**63 - 1
_ON_SHELVES: Final = text(statements.ON_SHELVES)
_FOUND: Final = text(statements.FOUND_ON_SHELVES)


def show_shelves(
    work: Work, *, store_id: int, words: str = "", before: int | None = None
) -> ShelvesPage:
    """Return what a store has in stock, at most 50 products, those last added first.

    With `words` only products that have them all, from their beginnings; `before` is that of the
    page before. A store that there is not has nothing.
    """
    given: dict[str, Any] = {
        "store": store_id,
        "before": _FIRST_PAGE if before is None else before,
        "most": ON_A_PAGE + 1,
    }
    if words:
        rows = work.session.execute(_FOUND, {**given, "words": words}).all()
    else:
        rows = work.session.execute(_ON_SHELVES, given).all()
    products = tuple(starmap(ShelfProduct, rows[:ON_A_PAGE]))
    return ShelvesPage(products, products[-1].id if len(rows) > ON_A_PAGE else None)
