"""Find orders by their reference and people by name or address, by a few letters of them."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


TEXTS = (("orders", "reference"), ("person", "name"), ("person", "email"))


def upgrade() -> None:
    """Add an index of trigrams for each text."""
    for table, column in TEXTS:
        op.create_index(
            f"ix_{table}_{column}_trigrams",
            table,
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        )


def downgrade() -> None:
    """Take them away."""
    for table, column in TEXTS:
        op.drop_index(f"ix_{table}_{column}_trigrams", table)
