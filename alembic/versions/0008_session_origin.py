"""Keep where a session came from: the provider's name of it, the browser and its address."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


COLUMNS = ("provider_session", "user_agent", "address")


def upgrade() -> None:
    """Add the columns; of sessions from before nothing of it is known."""
    for name in COLUMNS:
        op.add_column(
            "person_session",
            sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False),
        )


def downgrade() -> None:
    """Take them away."""
    for name in COLUMNS:
        op.drop_column("person_session", name)
