"""Create the tables of snapshots, and let jobs stand in their queue."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    _name_queues("mail", "orders", "feeds", "snapshots")
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "capturing",
                "stored",
                "notified",
                "failed",
                "cancelled",
                name="snapshot_state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "trigger",
            sa.Enum(
                "person",
                "schedule",
                "command line",
                name="snapshot_trigger",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_expected", sa.BigInteger(), nullable=True),
        sa.Column("rows_done", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column(
            "parts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("root_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_root_hash", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("damage", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_snapshot_job_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"],
            ["person.id"],
            name=op.f("fk_snapshot_requested_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("position", name=op.f("uq_snapshot_position")),
    )
    op.create_index(op.f("ix_snapshot_job_id"), "snapshot", ["job_id"], unique=False)
    op.create_index(op.f("ix_snapshot_requested_by"), "snapshot", ["requested_by"], unique=False)
    op.create_index(
        "ix_snapshot_taken_at",
        "snapshot",
        ["taken_at"],
        unique=False,
        postgresql_where=sa.text("position IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "uq_snapshot_open",
        "snapshot",
        ["query"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'capturing')"),
    )
    op.create_table(
        "snapshot_asker",
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_snapshot_asker_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["snapshot.id"],
            name=op.f("fk_snapshot_asker_snapshot_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "person_id", name=op.f("pk_snapshot_asker")),
    )
    op.create_index(
        op.f("ix_snapshot_asker_person_id"), "snapshot_asker", ["person_id"], unique=False
    )


def _name_queues(*names: str) -> None:
    """Let a job stand in these queues only."""
    known = ", ".join(f"'{name}'" for name in names)
    op.drop_constraint(op.f("ck_job_queue"), "job", type_="check")
    op.create_check_constraint(op.f("ck_job_queue"), "job", f"queue IN ({known})")


def downgrade() -> None:
    """Drop them, and the jobs of their queue."""
    op.drop_table("snapshot_asker")
    op.drop_table("snapshot")
    op.execute("DELETE FROM job WHERE queue = 'snapshots'")
    _name_queues("mail", "orders", "feeds")
