"""What is asked of stores when a part of an order is picked up.

`store_position` is a function of the database (migration 0025) and stands in its indexes: a
question has to write it in the same way to be answered from those.
"""

from __future__ import annotations

from typing import Final

from app.services.stores.statements import METRES

_COLUMNS: Final = "id, name, street, postcode, city, latitude, longitude"
_LOOKED_AT: Final = "supplier_id = :supplier AND withdrawn_at IS NULL"
# What the basket holds of the supplier, and what the stores that are looked at have too little of.
# Each shelf is looked up by its key: joined, all shelves there are may be read.
_OFFERED: Final = """
), lacking AS (
    SELECT
        looked_at.id AS store_id, count(*) AS lacks,
        array_agg(product.name ORDER BY basket_line.added_at, product.id) AS names
    FROM looked_at
    CROSS JOIN basket_line
    JOIN product ON product.id = basket_line.product_id
    WHERE basket_line.person_id = :person AND product.supplier_id = :supplier
        AND product.withdrawn_at IS NULL
        AND basket_line.quantity > coalesce((
            SELECT stock FROM store_stock
            WHERE store_stock.product_id = product.id AND store_stock.store_id = looked_at.id
        ), 0)
    GROUP BY looked_at.id
)
SELECT looked_at.*, coalesce(lacking.lacks, 0) AS lacks, lacking.names[1:1] AS lacking
FROM looked_at LEFT JOIN lacking ON lacking.store_id = looked_at.id
ORDER BY lacking.store_id IS NOT NULL, looked_at.metres, looked_at.city, looked_at.name
LIMIT :most
"""
PICKUP_NEAREST: Final = f"""
WITH looked_at AS MATERIALIZED (
    SELECT {_COLUMNS}, {METRES} AS metres FROM store
    WHERE {_LOOKED_AT} AND latitude IS NOT NULL
    ORDER BY store_position(latitude, longitude) <-> store_position(:latitude, :longitude)
    LIMIT :looked_at
{_OFFERED}
"""  # noqa: S608 - made of the constants above
PICKUP_BY_TOWN: Final = f"""
WITH looked_at AS MATERIALIZED (
    SELECT {_COLUMNS}, NULL::double precision AS metres FROM store
    WHERE {_LOOKED_AT}
    ORDER BY city, name, id
    LIMIT :looked_at
{_OFFERED}
"""  # noqa: S608 - made of the constants above

# The fields of a `StoreCard`, and what decides whether an order may be picked up there.
PICKUP_STORES: Final = """
SELECT
    store.id AS store_id, store.name, supplier.name AS supplier, store.street, store.postcode,
    store.city, store.country, store.latitude, store.longitude, store.opening_hours,
    store.time_zone, store.external_id, store.supplier_id, store.withdrawn_at
FROM store JOIN supplier ON supplier.id = store.supplier_id
WHERE store.id = ANY(:stores)
"""
