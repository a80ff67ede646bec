"""Keep stores that need a place, count stores by squares of the map, and find the nearest."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Squares of the deepest level, of which 2^20 lie beside each other: 38 m wide at the equator.
# The map is Web Mercator, as Google and Leaflet draw it; what lies beyond it counts to its edge.
_FUNCTIONS = (
    """
    CREATE FUNCTION store_x(longitude double precision) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(floor(($1 + 180) / 360 * 1048576)::integer, 1048575)
    """,
    """
    CREATE FUNCTION store_y(latitude double precision) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(greatest(floor(
        (0.5 - asinh(tand(least(greatest($1, -85.06), 85.06))) / (2 * pi())) * 1048576
    )::integer, 0), 1048575)
    """,
    # In metres from the middle of the Earth: between two of these the straight distance grows
    # with the one along the ground, also over the poles and the 180th meridian.
    """
    CREATE FUNCTION store_position(latitude double precision, longitude double precision)
    RETURNS cube LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN cube(ARRAY[
        6371008.8 * cosd($1) * cosd($2), 6371008.8 * cosd($1) * sind($2), 6371008.8 * sind($1)
    ])
    """,
)
_ON_THE_MAP = "withdrawn_at IS NULL AND latitude IS NOT NULL"
_ARRIVED = f"SELECT 1 AS step, * FROM arrived WHERE {_ON_THE_MAP}"  # noqa: S608 - a constant
_GONE = f"SELECT -1 AS step, * FROM gone WHERE {_ON_THE_MAP}"  # noqa: S608 - a constant
# By event: the rows that it counts, and what it calls them.
_EVENTS = {
    "INSERT": (_ARRIVED, "NEW TABLE AS arrived"),
    "DELETE": (_GONE, "OLD TABLE AS gone"),
    "UPDATE": (f"{_ARRIVED} UNION ALL {_GONE}", "OLD TABLE AS gone NEW TABLE AS arrived"),
}
# In the order of the key, so that two syncs at once wait for each other and not in a circle.
_COUNT = """
    INSERT INTO store_cell AS kept (level, x, y, stores, latitudes, longitudes, ids)
    SELECT level, x >> (20 - level), y >> (20 - level),
        sum(step), sum(step * latitude), sum(step * longitude), sum(step * id)
    FROM (
        SELECT step, id, store_x(longitude) AS x, store_y(latitude) AS y,
            round(latitude * 1000000)::bigint AS latitude,
            round(longitude * 1000000)::bigint AS longitude
        FROM ({rows}) AS counted
    ) AS placed
    CROSS JOIN generate_series(0, 20) AS level
    GROUP BY 1, 2, 3
    HAVING sum(step) <> 0 OR sum(step * latitude) <> 0 OR sum(step * longitude) <> 0
        OR sum(step * id) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (level, x, y) DO UPDATE SET
        stores = kept.stores + excluded.stores,
        latitudes = kept.latitudes + excluded.latitudes,
        longitudes = kept.longitudes + excluded.longitudes,
        ids = kept.ids + excluded.ids
"""
_TRIGGERED = """
CREATE FUNCTION store_cell_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {count};
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Create it all, and count what is there."""
    op.execute("CREATE EXTENSION IF NOT EXISTS cube")
    op.alter_column("store", "latitude", nullable=True)
    op.alter_column("store", "longitude", nullable=True)
    op.add_column("store", sa.Column("place_problem", sa.Text(), nullable=True))
    op.add_column("store", sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("store", sa.Column("time_zone", sa.Text(), nullable=True))
    op.add_column(
        "store",
        sa.Column("services", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    # What came in before this was looked at.
    op.execute(
        "UPDATE store SET latitude = NULL, longitude = NULL, "
        "place_problem = 'The coordinates are 0, 0: that is in the open sea.' "
        "WHERE abs(latitude) < 0.01 AND abs(longitude) < 0.01"
    )
    # NaN is greater than every number.
    op.execute(
        "ALTER TABLE store ADD CONSTRAINT ck_store_place CHECK ("
        "(latitude IS NULL) = (longitude IS NULL) "
        "AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)"
    )
    op.create_table(
        "store_cell",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("stores", sa.Integer(), nullable=False),
        sa.Column("latitudes", sa.BigInteger(), nullable=False),
        sa.Column("longitudes", sa.BigInteger(), nullable=False),
        sa.Column("ids", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("level", "x", "y", name=op.f("pk_store_cell")),
    )
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute(
        "CREATE INDEX ix_store_square ON store (store_x(longitude), store_y(latitude)) "
        f"WHERE {_ON_THE_MAP}"
    )
    op.execute(
        "CREATE INDEX ix_store_position ON store USING gist (store_position(latitude, longitude)) "
        f"WHERE {_ON_THE_MAP}"
    )
    for event, (rows, named) in _EVENTS.items():
        op.execute(_TRIGGERED.format(event=event.lower(), count=_COUNT.format(rows=rows)))
        op.execute(
            f"CREATE TRIGGER store_cell_{event.lower()} AFTER {event} ON store "
            f"REFERENCING {named} FOR EACH STATEMENT EXECUTE FUNCTION store_cell_{event.lower()}()"
        )
    op.execute(_COUNT.format(rows=_ARRIVED.replace("FROM arrived", "FROM store")))


def downgrade() -> None:
    """Drop it; stores without a place cannot stay."""
    for event in _EVENTS:
        op.execute(f"DROP TRIGGER store_cell_{event.lower()} ON store")
        op.execute(f"DROP FUNCTION store_cell_{event.lower()}")
    op.drop_index("ix_store_position", table_name="store")
    op.drop_index("ix_store_square", table_name="store")
    op.execute("DROP FUNCTION store_position, store_x, store_y")
    op.drop_table("store_cell")
    op.execute("ALTER TABLE store DROP CONSTRAINT ck_store_place")
    op.execute("DELETE FROM store WHERE latitude IS NULL")
    for column in ("services", "time_zone", "placed_at", "place_problem"):
        op.drop_column("store", column)
    op.alter_column("store", "longitude", nullable=False)
    op.alter_column("store", "latitude", nullable=False)
    op.execute("DROP EXTENSION cube")
