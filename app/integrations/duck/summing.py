"""The figures of a comparison: how many of each kind, what it costs, and how changes spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import duckdb

# Between which shares of a price, in per cent, changes are counted; the outer ones are open.
STEPS: Final = (-50, -25, -10, -5, -1, 0, 1, 5, 10, 25, 50)
# What a filter offers.
MOST_CHOICES: Final = 200


def summed(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the figures of the table `change`, ready for JSON.

    `kinds` counts products by kind (one may be of several). `prices` has for each currency, which
    are never mixed, how many prices went up and down, by how much together and the median share.
    `spread` counts price changes by their share: one entry more than `STEPS`. `suppliers` and
    `categories` (paths of one or two names) count products, for filters.
    """

    def rows(statement: str) -> list[Any]:
        return connection.execute(statement).fetchall()

    return {
        "changed": rows("SELECT count(*) FROM change WHERE kinds[1] NOT IN ('added', 'removed')")[
            0
        ][0],
        "kinds": dict(rows("SELECT unnest(kinds) AS kind, count(*) FROM change GROUP BY kind")),
        "prices": [dict(zip(_PRICE_NAMES, row, strict=True)) for row in rows(_PRICES)],
        "spread": _spread(rows(_SPREAD)),
        "suppliers": [{"id": row[0], "name": row[1], "rows": row[2]} for row in rows(_SUPPLIERS)],
        "categories": [{"path": row[0], "rows": row[1]} for row in rows(_CATEGORIES)],
    }


_PRICE_NAMES: Final = ("currency", "up", "down", "up_minor", "down_minor", "median")
_PRICES: Final = """
    SELECT currency_after,
        count(*) FILTER (price_after > price_before), count(*) FILTER (price_after < price_before),
        coalesce(sum(price_after - price_before) FILTER (price_after > price_before), 0)::BIGINT,
        coalesce(sum(price_after - price_before) FILTER (price_after < price_before), 0)::BIGINT,
        median(percent)
    FROM change
    WHERE currency_before = currency_after AND price_before <> price_after
    GROUP BY currency_after
    ORDER BY count(*) DESC, currency_after
"""
# The number of steps that lie below: of -50 none, of -49.9 one. Nothing before is beyond the last.
_BELOW: Final = " + ".join(f"(share {'>' if step >= 0 else '>='} {step})::INT" for step in STEPS)
_SPREAD: Final = f"""
    SELECT {_BELOW} AS place, count(*)
    FROM (
        SELECT coalesce(percent, 1e9 * sign(price_after - price_before)) AS share
        FROM change
        WHERE currency_before = currency_after AND price_before <> price_after
    )
    GROUP BY place
"""  # noqa: S608 - our own figures
_SUPPLIERS: Final = f"""
    SELECT supplier_id, any_value(supplier), count(*) AS products
    FROM change
    GROUP BY supplier_id
    ORDER BY products DESC, supplier_id
    LIMIT {MOST_CHOICES}
"""  # noqa: S608 - our own figures
_CATEGORIES: Final = f"""
    SELECT path, count(*) AS products
    FROM (
        SELECT unnest(CASE WHEN len(category) > 1 THEN [category[1:1], category[1:2]]
            WHEN len(category) = 1 THEN [category] ELSE [] END) AS path
        FROM (SELECT coalesce(category_after, category_before) AS category FROM change)
    )
    GROUP BY path
    ORDER BY products DESC, path
    LIMIT {MOST_CHOICES}
"""  # noqa: S608 - our own figures


def _spread(found: list[Any]) -> list[int]:
    counts = dict(found)
    return [counts.get(place, 0) for place in range(len(STEPS) + 1)]
