"""Keep what the provider calls a sign-in, so that it can end that one alone."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; sessions from before have no such name."""
    op.add_column(
        "person_session",
        sa.Column("provider_session", sa.Text(), server_default=sa.text("''"), nullable=False),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("person_session", "provider_session")
