"""Keep the schedule of recurring jobs, who has paused what, and how a dead letter was settled."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns; what was settled before does not say how."""
    op.create_table(
        "schedule",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_schedule_job_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["paused_by"], ["person.id"], name=op.f("fk_schedule_paused_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    op.add_column("feed", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("feed", sa.Column("paused_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_feed_paused_by"), "feed", "person", ["paused_by"], ["id"])
    op.create_index("ix_sync_run_job_id", "sync_run", ["job_id"], unique=False)
    op.add_column(
        "dead_letter",
        sa.Column(
            "settlement",
            sa.Enum(
                "retried",
                "abandoned",
                name="settlement",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
    )
    op.add_column("dead_letter", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("dead_letter", sa.Column("retried_as", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_dead_letter_retried_as"),
        "dead_letter",
        "job",
        ["retried_as"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index("ix_dead_letter_retried_as", "dead_letter", ["retried_as"], unique=False)
    op.create_index(
        "ix_dead_letter_created_at", "dead_letter", ["created_at", "job_id"], unique=False
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_dead_letter_created_at", table_name="dead_letter")
    op.drop_column("dead_letter", "retried_as")
    op.drop_column("dead_letter", "reason")
    op.drop_column("dead_letter", "settlement")
    op.drop_index("ix_sync_run_job_id", table_name="sync_run")
    op.drop_column("feed", "paused_by")
    op.drop_column("feed", "paused_at")
    op.drop_table("schedule")
