"""Remember with which settings the program started, and find entries by subject and trace."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the indexes; ids of subjects are looked for without their kind."""
    op.create_table(
        "noted_setting",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("process", "name", name=op.f("pk_noted_setting")),
    )
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_id", "sequence"])
    op.create_index("ix_audit_entry_trace", "audit_entry", ["trace_id", "sequence"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_audit_entry_trace", table_name="audit_entry")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.create_index(
        "ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id", "sequence"]
    )
    op.drop_table("noted_setting")
