"""Let a buyer pick a part of an order up at a store, and operators find stores without a place."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_LISTS = {"ix_store_by_name": "name", "ix_store_by_city": "city"}
_SEARCHED = ("name", "city")


def upgrade() -> None:
    """Add the pickup point of a dispatch and the indexes of the list of stores."""
    op.add_column("dispatch", sa.Column("pickup", JSONB(none_as_null=True)))
    op.alter_column("orders", "ship_to", nullable=True)
    for name, column in _LISTS.items():
        op.create_index(name, "store", [column, "id"])
    op.create_index(
        "ix_store_without_place",
        "store",
        ["name", "id"],
        postgresql_where=sa.text("latitude IS NULL AND withdrawn_at IS NULL"),
    )
    for column in _SEARCHED:
        op.create_index(
            f"ix_store_{column}_trigrams",
            "store",
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        )


def downgrade() -> None:
    """Drop them; an order that is picked up keeps an address without words."""
    for column in _SEARCHED:
        op.drop_index(f"ix_store_{column}_trigrams", table_name="store")
    op.drop_index("ix_store_without_place", table_name="store")
    for name in _LISTS:
        op.drop_index(name, table_name="store")
    op.execute(
        "UPDATE orders SET ship_to = jsonb_build_object('recipient', '', 'street', '', "
        "'postcode', '', 'city', '', 'country', '') WHERE ship_to IS NULL"
    )
    op.alter_column("orders", "ship_to", nullable=False)
    op.drop_column("dispatch", "pickup")
