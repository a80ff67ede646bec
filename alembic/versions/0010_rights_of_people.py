"""Keep what an administrator gives, withholds and blocks beside what the provider grants."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROLE_LISTS = ("roles_by_provider", "roles_given", "roles_withheld")


def upgrade() -> None:
    """Add the columns; until now the provider alone granted roles."""
    for name in ROLE_LISTS:
        op.add_column(
            "person",
            sa.Column(
                name, postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
            ),
        )
    op.execute("UPDATE person SET roles_by_provider = roles")
    op.add_column(
        "person",
        sa.Column("rights_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("person", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "person",
        sa.Column("blocked_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
    )


def downgrade() -> None:
    """Take them away; a role that was given stays until the next sign-in."""
    for name in ("blocked_reason", "blocked_at", "rights_version", *ROLE_LISTS):
        op.drop_column("person", name)
