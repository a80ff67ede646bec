"""The least SQL known for the answer to a search: one statement, written by hand.

It is told what the service has to look up first (how words are spelt and completed, what lies below
a category), visits the matches once, and brings such counts and the page. Of the whole catalogue it
counts what it looks at, where the service counts each supplier and main category for itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.services.catalogue.matching import COUNTED


@dataclass(frozen=True, slots=True)
class _Parts:
    """What differs between the questions; a choice that is not made holds for every product."""

    where: str
    order: str = "created_at DESC, hashint8(id) DESC, id DESC"
    rank: str = ""
    supplier: str = "true"
    stock: str = "true"
    currency: str = "true"


def _words(tsquery: str) -> str:
    return f"search @@ to_tsquery('catalogue', $${tsquery}$$)"


def _rank(tsquery: str) -> str:
    query = f"to_tsquery('catalogue', $${tsquery}$$)"
    return f"ts_rank_cd('{{0.05,0.2,0.4,1}}', search, {query}, 1)"


_BELOW = "category_id = ANY(%(categories)s)"

_QUESTIONS = {
    "empty box": _Parts("true"),
    "one broad word": _Parts(_words("'screwdriver'"), rank=_rank("'screwdriver'")),
    "two words with filters": _Parts(
        _words("'steel' & 'bottle'"),
        rank=_rank("'steel' & 'bottle'"),
        supplier="supplier_id = 1",
        stock="coalesce(stock > 0, false)",
    ),
    "two mistyped words": _Parts(
        _words("'cordless' & 'screwdriver'"), rank=_rank("'cordless' & 'screwdriver'")
    ),
    "a main category": _Parts(_BELOW),
    "a shelf": _Parts(_BELOW),
    "the cheapest first": _Parts(
        _words("'desk'"), order="price_minor, id", currency="currency = 'EUR'"
    ),
}


def one_statement(question: str) -> str:
    """Return the statement of one of the bench's questions; `categories` is what it is given."""
    parts = _QUESTIONS[question]
    holds = "holds_supplier AND holds_stock AND holds_currency"
    near = f"({parts.supplier})::int + ({parts.stock})::int + ({parts.currency})::int >= 2"
    source, place, order = (
        (f"matched WHERE {holds}", "row_number() OVER (ORDER BY rank DESC, id)", "rank DESC, id")
        if parts.rank
        else (
            f"product WHERE withdrawn_at IS NULL AND {parts.where} AND {parts.currency}",
            "0",
            parts.order,
        )
    )
    return f"""
        WITH matched AS MATERIALIZED (
            SELECT id, supplier_id, category_id, brand, currency, price_minor,
                stock > 0 AS in_stock, {parts.rank or "0"} AS rank,
                {parts.supplier} AS holds_supplier, {parts.stock} AS holds_stock,
                {parts.currency} AS holds_currency
            FROM product WHERE withdrawn_at IS NULL AND {parts.where} AND {near}
            LIMIT {COUNTED + 1}
        ), grouped AS MATERIALIZED (
            SELECT supplier_id, category_id, currency, in_stock, holds_supplier, holds_stock,
                holds_currency, count(*) AS n, min(price_minor) AS low, max(price_minor) AS high
            FROM matched GROUP BY 1, 2, 3, 4, 5, 6, 7
        ), bounds AS MATERIALIZED (
            SELECT currency, ln(min(low)) AS low, ln(max(high) + 1) AS high FROM grouped
            WHERE holds_supplier AND holds_stock GROUP BY 1 ORDER BY sum(n) DESC LIMIT 1
        ), page AS (
            SELECT id, {place} AS place FROM {source} ORDER BY {order} LIMIT 25
        )
        SELECT 'supplier' AS facet, supplier_id::text AS key, sum(n) AS n FROM grouped
        WHERE holds_stock AND holds_currency GROUP BY 2
        UNION ALL
        SELECT 'category', path::text, sum(n) FROM grouped
        JOIN category ON category.id = category_id WHERE {holds} GROUP BY 2
        UNION ALL
        (SELECT 'brand', brand, count(*) FROM matched WHERE {holds} GROUP BY 2
        ORDER BY 3 DESC LIMIT 10)
        UNION ALL
        SELECT 'stock', in_stock::text, sum(n) FROM grouped
        WHERE holds_supplier AND holds_currency GROUP BY 2
        UNION ALL
        SELECT 'currency', currency, sum(n) FROM grouped
        WHERE holds_supplier AND holds_stock GROUP BY 2
        UNION ALL
        SELECT 'price',
            width_bucket(ln(price_minor::float), bounds.low::float, bounds.high::float, 20)::text,
            count(*)
        FROM matched JOIN bounds USING (currency) WHERE holds_supplier AND holds_stock GROUP BY 2
        UNION ALL
        (SELECT 'product', concat_ws('|', product.id, name, brand, supplier.name_of,
            price_minor, currency, previous_price_minor, price_since, stock, pictures[1], ARRAY(
                SELECT price_minor FROM price_point WHERE product_id = product.id
                ORDER BY since DESC LIMIT 16
            )::text), place
        FROM page JOIN product USING (id)
        JOIN (SELECT id AS number, name AS name_of FROM supplier) supplier
            ON number = supplier_id
        ORDER BY place)
        """  # noqa: S608 - made of this file's own words
