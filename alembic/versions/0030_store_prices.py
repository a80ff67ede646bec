"""What a store itself asks for a product."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the price; none is known yet, so every store asks the product's."""
    op.add_column("store_stock", sa.Column("price_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Drop the prices of stores."""
    op.drop_column("store_stock", "price_minor")
