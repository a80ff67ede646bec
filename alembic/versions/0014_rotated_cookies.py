"""Let a session be given a new token when its person's rights change."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the token before, and what rights the present one was made under."""
    op.add_column(
        "person_session", sa.Column("previous_token_hash", sa.LargeBinary(), nullable=True)
    )
    op.add_column(
        "person_session", sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "person_session",
        sa.Column("rights_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.execute(
        "UPDATE person_session SET rights_version = person.rights_version "
        "FROM person WHERE person.id = person_session.person_id"
    )
    op.create_unique_constraint(
        op.f("uq_person_session_previous_token_hash"), "person_session", ["previous_token_hash"]
    )


def downgrade() -> None:
    """Take them away; a token that was replaced counts no more."""
    op.drop_constraint(op.f("uq_person_session_previous_token_hash"), "person_session")
    for name in ("rights_version", "rotated_at", "previous_token_hash"):
        op.drop_column("person_session", name)
