"""Find towns however their accents are written, and read the shelves of a store in their order."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ON_THE_MAP = "withdrawn_at IS NULL AND latitude IS NOT NULL AND city <> ''"


def upgrade() -> None:
    """Fold the towns of the index, and let the one on shelves hold their products, too."""
    # unaccent itself is only stable, because its rules can be replaced; these are its own.
    op.execute(
        "CREATE FUNCTION store_town(city text) RETURNS text "
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN lower(unaccent($1))"
    )
    op.drop_index("ix_store_town", table_name="store")
    op.execute(
        "CREATE INDEX ix_store_town ON store (store_town(city) text_pattern_ops) "
        f"WHERE {_ON_THE_MAP}"
    )
    op.create_index("ix_store_stock_shelves", "store_stock", ["store_id", "product_id"])
    op.drop_index("ix_store_stock_store_id", table_name="store_stock")


def downgrade() -> None:
    """Put back what was."""
    op.create_index("ix_store_stock_store_id", "store_stock", ["store_id"])
    op.drop_index("ix_store_stock_shelves", table_name="store_stock")
    op.drop_index("ix_store_town", table_name="store")
    op.execute(
        f"CREATE INDEX ix_store_town ON store (lower(city) text_pattern_ops) WHERE {_ON_THE_MAP}"
    )
    op.execute("DROP FUNCTION store_town")
