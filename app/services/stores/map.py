"""What a map shows: the stores in its bounds, one by one or several as one mark."""

from __future__ import annotations

from itertools import chain, starmap
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from app.errors import BadInput
from app.services.stores import statements
from app.services.stores.squares import DEEPEST_LEVEL, View, bounds_of, view_of
from app.views.stores import Bounds, Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from app.work import Work

MOST_PRODUCTS: Final = 1_000
# Looking for one product in one store costs as much as so many rows of shelves with their stores.
_ROWS_OF_A_LOOK: Final = 2
_SQUARES: Final = text(statements.SQUARES)
_STORES_IN_VIEW: Final = text(statements.STORES_IN_VIEW)
_ROWS_OF_SHELVES: Final = text(statements.ROWS_OF_SHELVES)
_KNOW_THE_PRODUCTS: Final = text(statements.KNOW_THE_PRODUCTS)
_FROM_THE_VIEW: Final = text(statements.STOCKED_FROM_THE_VIEW)
_FROM_THE_SHELVES: Final = text(statements.STOCKED_FROM_THE_SHELVES)
_COLUMNS: Final = text(statements.COLUMNS_WITH_STORES)
_COLUMNS_WITH: Final = text(statements.COLUMNS_WITH_PRODUCT)
# Squares 2.8 degrees wide: near enough to show all stores at once.
EXTENT_LEVEL: Final = 7


def stores_in_bounds(
    work: Work, *, bounds: Bounds, zoom: float, products: Sequence[int] | None = None
) -> tuple[Mark, ...]:
    """Return at most 500 marks for the stores in `bounds`, which is widened to whole squares.

    With `products` (ids, at most 1,000) only the stores that have one of them in stock, with the
    lowest price in each mark. Stores that need a place are in none.
    """
    view = view_of(bounds, zoom)
    if products is None:
        rows = work.session.execute(_SQUARES, _on_its_level(view)).all()
    elif len(products) > MOST_PRODUCTS:
        raise BadInput(f"A map shows where up to {MOST_PRODUCTS:,} products are, not more.")
    else:
        rows = _stocked(work, view, [*products])
    return tuple(starmap(Mark, rows))


def _stocked(work: Work, view: View, products: list[int]) -> Sequence[Row[Any]]:
    """Return the squares that hold stores with one of the products, found from the shorter end."""
    stores = work.session.scalar(_STORES_IN_VIEW, _on_its_level(view))
    if not stores or not products:
        return []
    most = _ROWS_OF_A_LOOK * stores * len(products)
    shelves = work.session.scalar(_ROWS_OF_SHELVES, {"products": products, "most": most})
    work.session.execute(_KNOW_THE_PRODUCTS)
    return work.session.execute(
        _FROM_THE_VIEW if shelves == most else _FROM_THE_SHELVES,
        {"products": products, **_on_the_deepest_level(view)},
    ).all()


def _on_its_level(view: View) -> dict[str, Any]:
    return {
        "level": view.level,
        "columns": [*chain.from_iterable(view.columns)],
        "first_row": view.rows[0],
        "last_row": view.rows[-1],
    }


def bounds_of_stores(work: Work, *, product_id: int | None = None) -> Bounds | None:
    """Return what shows all stores that have a place, or all that have a product.

    To whole squares of the map; None where there is no such store.
    """
    if product_id is None:
        rows = work.session.execute(_COLUMNS, {"level": EXTENT_LEVEL}).all()
    else:
        asked = {"level": EXTENT_LEVEL, "product": product_id}
        rows = work.session.execute(_COLUMNS_WITH, asked).all()
    if not rows:
        return None
    ends = min(row.first_row for row in rows), max(row.last_row for row in rows)
    return bounds_of(EXTENT_LEVEL, [row.x for row in rows], ends)


def _on_the_deepest_level(view: View) -> dict[str, int]:
    """Return the ends of a view as they are indexed; a view in one run is given twice."""
    below = DEEPEST_LEVEL - view.level
    first, last = view.columns[0], view.columns[-1]
    return {
        "level": view.level,
        "first_row": view.rows[0] << below,
        "last_row": (view.rows[-1] + 1 << below) - 1,
        "west": first[0] << below,
        "last_column": (first[-1] + 1 << below) - 1,
        "first_column": last[0] << below,
        "east": (last[-1] + 1 << below) - 1,
    }
