"""Read the lists of people and of their sessions by indexes."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_person_by_name", "person", ["name", "id"])
    op.create_index("ix_person_session_opened", "person_session", ["created_at", "id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_person_session_opened", "person_session")
    op.drop_index("ix_person_by_name", "person")
