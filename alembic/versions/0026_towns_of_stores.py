"""Find the towns and postcodes of stores by their beginnings."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_store_town": "lower(city) text_pattern_ops",
    "ix_store_postcode": "replace(lower(postcode), ' ', '')",
}


def upgrade() -> None:
    """Create the indexes."""
    for name, what in _INDEXES.items():
        op.execute(
            f"CREATE INDEX {name} ON store ({what}) "
            "WHERE withdrawn_at IS NULL AND latitude IS NOT NULL AND city <> ''"
        )


def downgrade() -> None:
    """Drop them."""
    for name in _INDEXES:
        op.drop_index(name, table_name="store")
