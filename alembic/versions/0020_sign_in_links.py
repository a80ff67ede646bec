"""Create the table of sign-in links."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it, and let people be known who have not signed in yet."""
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    # Somebody who was added has not signed in yet.
    op.alter_column("person", "signed_in_at", nullable=True)
    op.create_index("ix_sign_in_link_subject", "sign_in_link", ["subject", "created_at"])
    op.create_index("ix_sign_in_link_address", "sign_in_link", ["address", "created_at"])
    op.create_index(op.f("ix_sign_in_link_expires_at"), "sign_in_link", ["expires_at"])


def downgrade() -> None:
    """Drop it."""
    op.execute("UPDATE person SET signed_in_at = created_at WHERE signed_in_at IS NULL")
    op.alter_column("person", "signed_in_at", nullable=False)
    op.drop_table("sign_in_link")
