"""What is asked of stores in SQL.

`store_x`, `store_y` and `store_position` are functions of the database (migration 0025) and stand
in its indexes: a question has to write them in the same way to be answered from those.
"""

from __future__ import annotations

from typing import Final

from app.views.stores import EARTH, StoreOrder

# Both statements for maps give the fields of a Mark in their order. Columns are a list, so that
# each is looked up by itself and no row beside is read.
SQUARES: Final = """
SELECT
    square.latitudes / (square.stores * 1000000::double precision) AS latitude,
    square.longitudes / (square.stores * 1000000::double precision) AS longitude,
    square.stores, store.id AS store_id, coalesce(store.name, '') AS name
FROM store_cell AS square
LEFT JOIN store ON square.stores = 1 AND store.id = square.ids
WHERE square.level = :level AND square.x = ANY(:columns)
    AND square.y BETWEEN :first_row AND :last_row AND square.stores > 0
"""

# How many stores stand in a view, and how many rows of shelves the products have, up to `most`.
STORES_IN_VIEW: Final = """
SELECT CAST(coalesce(sum(square.stores), 0) AS bigint) FROM store_cell AS square
WHERE square.level = :level AND square.x = ANY(:columns)
    AND square.y BETWEEN :first_row AND :last_row
"""
ROWS_OF_SHELVES: Final = """
SELECT count(*) FROM (
    -- In the order of the index, or rows of other products would be read until there are enough.
    SELECT FROM store_stock WHERE product_id = ANY(:products)
    ORDER BY product_id, store_id LIMIT :most
) AS shelf
"""

# One plan for all products would suit those that every store has, and take as long for others, or
# the other way round: what follows in the transaction is planned for the products it asks about.
KNOW_THE_PRODUCTS: Final = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"

# Where products are can be found from either end, and which end is shorter no statistics tell: the
# caller counts. The steps are kept apart (MATERIALIZED), or the planner would begin with the view
# each time, of which it guesses that next to no store is in it. A store that has several of the
# products counts once, at its lowest price.
_SOLD: Final = """
WITH sold AS MATERIALIZED (
    SELECT id, price_minor, currency FROM product
    WHERE id = ANY(:products) AND withdrawn_at IS NULL
), """
# A product that is no longer sold has no price, whatever a store's shelf says.
_PRICE: Final = """
        min(coalesce(store_stock.price_minor, sold.price_minor))
            FILTER (WHERE sold.id IS NOT NULL) AS price_minor,
        min(sold.currency) AS currency,
        min(sold.currency) <> max(sold.currency) AS is_mixed
"""
_SQUARE: Final = "store_x(store.longitude) AS x, store_y(store.latitude) AS y"
_FROM_THE_VIEW: Final = f"""placed AS MATERIALIZED (
    SELECT store.id, store.latitude, store.longitude, {_SQUARE} FROM store
    WHERE store.withdrawn_at IS NULL AND store.latitude IS NOT NULL
        AND store_y(store.latitude) BETWEEN :first_row AND :last_row
        AND (
            store_x(store.longitude) BETWEEN :west AND :last_column
            OR store_x(store.longitude) BETWEEN :first_column AND :east
        )
), stocked AS (
    SELECT placed.id, placed.latitude, placed.longitude, placed.x, placed.y, {_PRICE}
    FROM placed CROSS JOIN sold
    JOIN store_stock ON store_stock.product_id = sold.id AND store_stock.store_id = placed.id
    WHERE store_stock.stock > 0
    GROUP BY placed.id, placed.latitude, placed.longitude, placed.x, placed.y
), """  # noqa: S608 - made of the constants above
# The join is a left one for its estimate: that of an inner one takes no notice of how many stores
# these very products are in.
_FROM_THE_SHELVES: Final = f"""shelf AS (
    SELECT store_stock.store_id, {_PRICE}
    FROM store_stock LEFT JOIN sold ON sold.id = store_stock.product_id
    WHERE store_stock.product_id = ANY(:products) AND store_stock.stock > 0
    GROUP BY store_stock.store_id
    HAVING count(sold.id) > 0
), placed AS MATERIALIZED (
    SELECT
        store.id, store.latitude, store.longitude, {_SQUARE},
        shelf.price_minor, shelf.currency, shelf.is_mixed
    FROM shelf JOIN store ON store.id = shelf.store_id
    WHERE store.withdrawn_at IS NULL AND store.latitude IS NOT NULL
), stocked AS (
    SELECT * FROM placed
    WHERE y BETWEEN :first_row AND :last_row
        AND (x BETWEEN :west AND :last_column OR x BETWEEN :first_column AND :east)
), """  # noqa: S608 - made of the constants above
_INTO_SQUARES: Final = """grouped AS (
    SELECT
        count(*) AS stores, avg(latitude) AS latitude, avg(longitude) AS longitude,
        min(id) AS store_id, min(price_minor) AS price_minor, min(currency) AS currency,
        bool_or(is_mixed) OR min(currency) <> max(currency) AS is_mixed
    FROM stocked
    GROUP BY x >> (20 - :level), y >> (20 - :level)
)
SELECT
    grouped.latitude, grouped.longitude, grouped.stores, store.id AS store_id,
    coalesce(store.name, '') AS name,
    CASE WHEN NOT is_mixed THEN price_minor END AS price_minor,
    CASE WHEN NOT is_mixed THEN currency END AS currency
FROM grouped
LEFT JOIN store ON grouped.stores = 1 AND store.id = grouped.store_id
"""
STOCKED_FROM_THE_VIEW: Final = _SOLD + _FROM_THE_VIEW + _INTO_SQUARES
STOCKED_FROM_THE_SHELVES: Final = _SOLD + _FROM_THE_SHELVES + _INTO_SQUARES

_CARD: Final = """
    store.id AS store_id, store.name, supplier.name AS supplier, store.street, store.postcode,
    store.city, store.country, store.latitude, store.longitude, store.opening_hours,
    store.time_zone
"""
# Along the ground, from the straight distance through it; of a store without a place 0.
METRES: Final = f"""
    CASE WHEN store.latitude IS NULL THEN 0 ELSE 2 * {EARTH} * asin(least(1, (
        store_position(store.latitude, store.longitude) <-> store_position(:latitude, :longitude)
    ) / (2 * {EARTH}))) END
"""
_NEAR: Final = """
    store.withdrawn_at IS NULL AND store.latitude IS NOT NULL
    AND (CAST(:reach AS double precision) IS NULL OR store_position(store.latitude, store.longitude)
        <@ cube_enlarge(store_position(:latitude, :longitude), :reach, 3))
"""
_DISTANCE: Final = """store_position(store.latitude, store.longitude)
    <-> store_position(:latitude, :longitude)"""
_IN_ORDER: Final = f"""
ORDER BY {_DISTANCE}
LIMIT :most
"""
# What a store asks, which is the product's price where it has none of its own.
_PRICE_THERE: Final = "coalesce(store_stock.price_minor, product.price_minor)"
_STORES: Final = f"""
SELECT {_CARD}, {METRES} AS metres, NULL AS stock, NULL AS price_minor, NULL AS currency,
    false AS is_own_price
FROM store JOIN supplier ON supplier.id = store.supplier_id
WHERE
"""  # noqa: S608 - made of the constants above
_WITH_PRODUCT: Final = f"""
SELECT
    {_CARD}, {METRES} AS metres, store_stock.stock, {_PRICE_THERE} AS price_minor,
    product.currency,
    coalesce(store_stock.price_minor <> product.price_minor, false) AS is_own_price
FROM store_stock
JOIN product ON product.id = store_stock.product_id AND product.withdrawn_at IS NULL
JOIN store ON store.id = store_stock.store_id
JOIN supplier ON supplier.id = store.supplier_id
WHERE store_stock.product_id = :product AND store_stock.stock > 0 AND
"""  # noqa: S608 - made of the constants above
NEAREST: Final = f"{_STORES} {_NEAR} {_IN_ORDER}"
NEAREST_WITH: Final = f"{_WITH_PRODUCT} {_NEAR} {_IN_ORDER}"
WITHOUT_PLACE: Final = f"""{_WITH_PRODUCT} store.withdrawn_at IS NULL AND store.latitude IS NULL
ORDER BY lower(store.name), store.id LIMIT :most"""
# What a map shows; `reach` spares looking at what is certainly beyond it.
_IN_VIEW: Final = f"""
    {_NEAR} AND store.latitude BETWEEN :south AND :north
    AND (store.longitude BETWEEN :west AND :last OR store.longitude BETWEEN :first AND :east)
"""
IN_VIEW: Final = f"{_STORES} {_IN_VIEW} {_IN_ORDER}"
# In an order that no index has, all that have the product are looked at, and not all in view:
# nobody can estimate how many stores a view has.
_FROM_SHELVES: Final = f"""
WITH store_stock AS MATERIALIZED (
    SELECT product_id, store_id, stock, price_minor FROM store_stock WHERE product_id = :product
)
{_WITH_PRODUCT} {_IN_VIEW}
"""  # noqa: S608 - made of the constants above
IN_VIEW_WITH: Final = {
    StoreOrder.NEAREST: f"{_WITH_PRODUCT} {_IN_VIEW} {_IN_ORDER}",
    StoreOrder.PRICE: f"{_FROM_SHELVES} ORDER BY {_PRICE_THERE}, {_DISTANCE}, store.id LIMIT :most",
    StoreOrder.PIECES: f"{_FROM_SHELVES} ORDER BY store_stock.stock DESC, store.id LIMIT :most",
    StoreOrder.NAME: f"{_FROM_SHELVES} ORDER BY lower(store.name), store.id LIMIT :most",
}
# Columns of squares in which there are stores, with their ends in the north and in the south.
COLUMNS_WITH_STORES: Final = """
SELECT x, min(y) AS first_row, max(y) AS last_row FROM store_cell
WHERE level = :level AND stores > 0 GROUP BY x ORDER BY x
"""
COLUMNS_WITH_PRODUCT: Final = """
SELECT
    store_x(store.longitude) >> (20 - :level) AS x,
    min(store_y(store.latitude)) >> (20 - :level) AS first_row,
    max(store_y(store.latitude)) >> (20 - :level) AS last_row
FROM store_stock JOIN store ON store.id = store_stock.store_id
WHERE store_stock.product_id = :product AND store_stock.stock > 0
    AND store.withdrawn_at IS NULL AND store.latitude IS NOT NULL
GROUP BY 1 ORDER BY 1
"""
ONE: Final = f"""
SELECT
    {_CARD}, store.services, store.withdrawn_at,
    (
        SELECT count(*) FROM store_stock
        JOIN product ON product.id = store_stock.product_id AND product.withdrawn_at IS NULL
        WHERE store_stock.store_id = store.id AND store_stock.stock > 0
    ) AS products
FROM store JOIN supplier ON supplier.id = store.supplier_id
WHERE store.id = :store
"""  # noqa: S608 - made of the constants above

# What a store has, the products last added first, which is the order of the index on its shelves.
_ON_SHELVES: Final = f"""
SELECT
    product.id, product.name, coalesce(product.brand, '') AS brand,
    coalesce(product.sku, product.external_id) AS sku,
    {_PRICE_THERE} AS price_minor, product.currency, store_stock.stock
FROM store_stock
JOIN product ON product.id = store_stock.product_id AND product.withdrawn_at IS NULL
WHERE store_stock.store_id = :store AND store_stock.stock > 0
    AND store_stock.product_id < :before
"""  # noqa: S608 - made of the constants above
_IN_TURN: Final = "ORDER BY store_stock.product_id DESC LIMIT :most"
ON_SHELVES: Final = f"{_ON_SHELVES} {_IN_TURN}"
# Each word may be the beginning of one; what has no word in it finds nothing.
FOUND_ON_SHELVES: Final = f"""
{_ON_SHELVES} AND product.search @@ to_tsquery(
    'catalogue', nullif(array_to_string(catalogue_words(:words), ':* & '), '') || ':*'
) {_IN_TURN}
"""

# A town is the stores of one name, accents aside, in one country that stand in one square of about
# 100 km; it is called what most of them call it.
TOWNS: Final = """
SELECT
    mode() WITHIN GROUP (ORDER BY city) AS city, country,
    avg(latitude) AS latitude, avg(longitude) AS longitude, count(*) AS stores
FROM store
WHERE withdrawn_at IS NULL AND latitude IS NOT NULL AND city <> ''
    AND (
        store_town(city) ^@ store_town(:town)
        OR replace(lower(postcode), ' ', '') = ANY(:postcodes)
    )
GROUP BY store_town(city), country, store_x(longitude) >> 12, store_y(latitude) >> 12
ORDER BY count(*) DESC, store_town(city)
LIMIT :most
"""
