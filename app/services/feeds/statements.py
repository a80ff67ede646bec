"""The statements of a sync: what stages a feed, and what turns that into the catalogue.

The set-based ones run in this order, in one transaction. `stage` (seen through the view `staged`)
holds new and changed products only, so nothing is written for the others; `change` collects what
was really done, for the statements behind it.
"""

from __future__ import annotations

# What is searched of a new product is made as its row is copied, while the next are being read.
# `staged` is a staged row as the catalogue wants it. A view computes only what a statement uses, so
# what is searched is not made for a known product whose price alone has moved.
TABLES = """
CREATE TEMPORARY TABLE stage (
    product_id bigint, source_hash bytea, external_id text, sku text, name text, description text,
    brand text, category text, price_minor bigint, currency text, stock integer, pictures text,
    attributes text, store_stock text, record_hash bytea,
    search tsvector GENERATED ALWAYS AS (
        CASE WHEN product_id IS NULL THEN catalogue_vector(
            name, brand, sku, replace(category, E'\\x1f', ' '), description
        ) END
    ) STORED,
    vocabulary text[] GENERATED ALWAYS AS (
        CASE WHEN product_id IS NULL THEN catalogue_words(
            name || ' ' || coalesce(brand, '') || ' '
                || replace(coalesce(category, ''), E'\\x1f', ' ')
        ) END
    ) STORED
);
CREATE TEMPORARY TABLE stage_category (path text[]);
CREATE TEMPORARY TABLE stage_store (
    external_id text, name text, street text, postcode text, city text, country text,
    latitude double precision, longitude double precision, place_problem text, opening_hours text,
    time_zone text, services text, record_hash bytea, store_id integer
);
CREATE TEMPORARY TABLE change (
    product_id bigint, external_id text, created boolean, changed boolean, returned boolean,
    priced boolean, price_minor bigint, currency text, words_before text, words_after text
);
CREATE TEMPORARY VIEW staged AS
SELECT
    product_id, source_hash, external_id, sku, stage.name, description, brand,
    category.id AS category_id, price_minor, currency, stock,
    coalesce(string_to_array(nullif(pictures, ''), E'\\n'), '{}') AS pictures,
    attributes::jsonb AS attributes, record_hash,
    coalesce(stage.search, catalogue_vector(
        stage.name, brand, sku, replace(stage.category, E'\\x1f', ' '), description
    )) AS search,
    concat_ws(' ', stage.name, brand, replace(stage.category, E'\\x1f', ' ')) AS words
FROM stage LEFT JOIN category ON category.path = string_to_array(stage.category, E'\\x1f');
CREATE TEMPORARY VIEW stocked AS
SELECT
    change.product_id, stage_store.store_id,
    coalesce(shelf.value ->> 0, shelf.value #>> '{}')::integer AS stock,
    (shelf.value ->> 1)::bigint AS price_minor
FROM change
JOIN stage USING (external_id)
CROSS JOIN LATERAL json_each(stage.store_stock::json) AS shelf
JOIN stage_store ON stage_store.external_id = shelf.key
"""
COPY = """
COPY stage (
    product_id, source_hash, external_id, sku, name, description, brand, category, price_minor,
    currency, stock, pictures, attributes, store_stock, record_hash
) FROM STDIN
"""
KNOWN = """
SELECT external_id, id, source_hash, record_hash, withdrawn_at IS NOT NULL
FROM product WHERE feed_id = %s AND external_id = ANY(%s)
"""


# Hashing a million new ids would else spill to disk.
SETTINGS = ("SET LOCAL work_mem = '64MB'", "SET LOCAL jit = off")

PREPARE = (
    "ANALYZE stage (product_id, external_id, category)",
    r"""
    INSERT INTO stage_category
    SELECT wanted.path
    FROM (SELECT DISTINCT category FROM stage) AS named
    CROSS JOIN LATERAL (SELECT string_to_array(category, E'\x1f') AS path) AS wanted
    WHERE NOT EXISTS (SELECT FROM category WHERE category.path = wanted.path)
    """,
)

# Records that are new and have the same external id: all but the first go.
DOUBLED = """
DELETE FROM stage WHERE ctid IN (
    SELECT ctid FROM (
        SELECT ctid, row_number() OVER (PARTITION BY external_id ORDER BY ctid) AS nth
        FROM stage WHERE product_id IS NULL AND external_id IN (
            SELECT external_id FROM stage WHERE product_id IS NULL
            GROUP BY external_id HAVING count(*) > 1
        )
    ) AS numbered WHERE nth > 1
)
RETURNING external_id
"""

DEEPEST = "SELECT max(cardinality(path)) FROM stage_category"

# In the order of their paths, so that two feeds that bring the same categories wait for one
# another and never in a circle.
CATEGORIES = r"""
INSERT INTO category (parent_id, name, path)
SELECT parent.id, wanted.path[:depth], wanted.path
FROM (
    SELECT DISTINCT path[1\:CAST(:depth AS integer)] AS path
    FROM stage_category WHERE cardinality(path) >= :depth
) AS wanted
LEFT JOIN category AS parent ON parent.path = wanted.path[1\:CAST(:depth AS integer) - 1]
WHERE NOT EXISTS (SELECT FROM category WHERE category.path = wanted.path)
ORDER BY wanted.path
ON CONFLICT (path) DO NOTHING
"""

UPDATE = """
WITH updated AS (
    UPDATE product SET
        sku = staged.sku, name = staged.name, description = staged.description,
        brand = staged.brand, category_id = staged.category_id,
        price_minor = staged.price_minor, currency = staged.currency,
        previous_price_minor = CASE
            WHEN product.currency <> staged.currency THEN NULL
            WHEN product.price_minor <> staged.price_minor THEN product.price_minor
            ELSE product.previous_price_minor END,
        price_since = CASE
            WHEN (product.price_minor, product.currency) = (staged.price_minor, staged.currency)
            THEN product.price_since ELSE :moment END,
        stock = staged.stock, pictures = staged.pictures, attributes = staged.attributes,
        search = CASE
            WHEN product.search IS NULL
                OR (product.name, product.description) <> (staged.name, staged.description)
                OR (product.brand, product.sku, product.category_id)
                    IS DISTINCT FROM (staged.brand, staged.sku, staged.category_id)
            THEN staged.search ELSE product.search END,
        record_hash = staged.record_hash, source_hash = staged.source_hash,
        changed_at = CASE
            WHEN product.record_hash <> staged.record_hash OR product.withdrawn_at IS NOT NULL
            THEN :moment ELSE product.changed_at END,
        withdrawn_at = NULL
    FROM staged
    WHERE product.id = staged.product_id
    RETURNING
        product.id, product.external_id,
        old.record_hash <> new.record_hash OR old.withdrawn_at IS NOT NULL AS changed,
        old.withdrawn_at IS NOT NULL AS returned,
        (old.price_minor, old.currency) <> (new.price_minor, new.currency) AS priced,
        new.price_minor, new.currency,
        old.name AS old_name, old.brand AS old_brand, old.category_id AS old_category_id,
        staged.words
)
INSERT INTO change
SELECT
    updated.id, external_id, false, changed, returned, priced, price_minor, currency,
    CASE WHEN NOT returned THEN concat_ws(' ', old_name, old_brand, array_to_string(path, ' ')) END,
    words
FROM updated LEFT JOIN category ON category.id = old_category_id
"""

INSERT = """
WITH inserted AS (
    INSERT INTO product (
        feed_id, supplier_id, external_id, sku, name, description, brand, category_id,
        price_minor, currency, price_since, stock, pictures, attributes, search, record_hash,
        source_hash, created_at, changed_at
    )
    SELECT
        :feed_id, :supplier_id, external_id, sku, name, description, brand, category_id,
        price_minor, currency, :moment, stock, pictures, attributes, search, record_hash,
        source_hash, :moment, :moment
    FROM staged WHERE product_id IS NULL
    RETURNING id, external_id, price_minor, currency
)
INSERT INTO change
SELECT id, external_id, true, true, false, true, price_minor, currency FROM inserted
"""

PRICE_POINTS = """
INSERT INTO price_point (product_id, price_minor, currency, since)
SELECT product_id, price_minor, currency, :moment FROM change WHERE priced
"""

# A product that carries no mark has not come. New ones have no mark either: they come later.
WITHDRAW = """
WITH withdrawn AS (
    UPDATE product SET withdrawn_at = :moment, changed_at = :moment
    WHERE feed_id = :feed_id AND withdrawn_at IS NULL AND id <= :highest
        AND get_bit(CAST(:marks AS bytea), id - :lowest) = 0
    RETURNING id, name, brand, category_id
)
INSERT INTO change (product_id, words_before)
SELECT withdrawn.id, concat_ws(' ', withdrawn.name, brand, array_to_string(path, ' '))
FROM withdrawn LEFT JOIN category ON category.id = category_id
"""

COUNTS = """
SELECT
    count(*) FILTER (WHERE created) AS created,
    count(*) FILTER (WHERE changed AND NOT created) AS changed,
    count(*) FILTER (WHERE NOT changed) AS unchanged,
    count(*) FILTER (WHERE returned) AS returned,
    count(*) FILTER (WHERE created IS NULL) AS withdrawn
FROM change
"""

# In the order of the words, for the same reason as the categories.
WORDS = """
INSERT INTO word (word, products)
SELECT word, sum(step) FROM (
    SELECT unnest(vocabulary) AS word, 1 AS step FROM stage WHERE product_id IS NULL
    UNION ALL
    SELECT unnest(catalogue_words(words_after)), 1
    FROM change WHERE words_after IS DISTINCT FROM words_before
    UNION ALL
    SELECT unnest(catalogue_words(words_before)), -1
    FROM change WHERE words_after IS DISTINCT FROM words_before
) AS steps
GROUP BY word HAVING sum(step) <> 0
ORDER BY word
ON CONFLICT (word) DO UPDATE SET products = greatest(word.products + excluded.products, 0)
"""

# A place that a person has set stays for as long as the feed itself gives none.
STORES = (
    """
    UPDATE store SET
        name = stage.name, street = stage.street, postcode = stage.postcode, city = stage.city,
        country = stage.country,
        latitude = coalesce(
            stage.latitude, CASE WHEN store.placed_at IS NOT NULL THEN store.latitude END
        ),
        longitude = coalesce(
            stage.longitude, CASE WHEN store.placed_at IS NOT NULL THEN store.longitude END
        ),
        placed_at = CASE WHEN stage.latitude IS NULL THEN store.placed_at END,
        place_problem = stage.place_problem, opening_hours = stage.opening_hours::jsonb,
        time_zone = stage.time_zone,
        services = coalesce(string_to_array(nullif(stage.services, ''), E'\\n'), '{}'),
        record_hash = stage.record_hash, withdrawn_at = NULL
    FROM stage_store AS stage
    WHERE store.feed_id = :feed_id AND store.external_id = stage.external_id
        AND (store.record_hash <> stage.record_hash OR store.withdrawn_at IS NOT NULL)
    """,
    """
    INSERT INTO store (
        feed_id, supplier_id, external_id, name, street, postcode, city, country, latitude,
        longitude, place_problem, opening_hours, time_zone, services, record_hash
    )
    SELECT
        :feed_id, :supplier_id, external_id, name, street, postcode, city, country, latitude,
        longitude, place_problem, opening_hours::jsonb, time_zone,
        coalesce(string_to_array(nullif(services, ''), E'\\n'), '{}'), record_hash
    FROM stage_store AS stage
    WHERE NOT EXISTS (
        SELECT FROM store
        WHERE store.feed_id = :feed_id AND store.external_id = stage.external_id
    )
    """,
    """
    UPDATE store SET withdrawn_at = :moment
    WHERE feed_id = :feed_id AND withdrawn_at IS NULL
        AND external_id NOT IN (SELECT external_id FROM stage_store)
    """,
    """
    UPDATE stage_store SET store_id = store.id FROM store
    WHERE store.feed_id = :feed_id AND store.external_id = stage_store.external_id
    """,
)

# Of the staged products only; a row that is right already is not written again.
STORE_STOCK = (
    """
    DELETE FROM store_stock USING change
    WHERE store_stock.product_id = change.product_id AND NOT change.created
        AND NOT EXISTS (
            SELECT FROM stocked
            WHERE stocked.product_id = store_stock.product_id
                AND stocked.store_id = store_stock.store_id
        )
    """,
    """
    INSERT INTO store_stock (product_id, store_id, stock, price_minor)
    SELECT product_id, store_id, stock, price_minor FROM stocked
    ON CONFLICT (product_id, store_id) DO UPDATE
    SET stock = excluded.stock, price_minor = excluded.price_minor
    WHERE (store_stock.stock, store_stock.price_minor)
        IS DISTINCT FROM (excluded.stock, excluded.price_minor)
    """,
)
