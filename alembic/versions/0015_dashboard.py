"""Answer the dashboard from a few rows: indexes of what is not where it should be."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.create_index(
        "ix_dispatch_open",
        "dispatch",
        ["state", "changed_at"],
        postgresql_where=sa.text(
            "state IN ('queued', 'sending', 'bounced', 'declined', 'failed', 'unsure')"
        ),
    )
    op.create_index(
        "ix_mail_open",
        "mail",
        ["created_at"],
        postgresql_where=sa.text("state IN ('intended', 'deferred', 'refused', 'unsure')"),
    )
    op.create_index(
        "ix_dead_letter_open",
        "dead_letter",
        ["created_at"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index("ix_attempt_started_at", "attempt", ["started_at"], postgresql_using="brin")


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_attempt_started_at", "attempt")
    op.drop_index("ix_dead_letter_open", "dead_letter")
    op.drop_index("ix_mail_open", "mail")
    op.drop_index("ix_dispatch_open", "dispatch")
