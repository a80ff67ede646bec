"""Keep exports of lists and actions on many rows, and read the lists of rooms by indexes."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Add the table and the indexes."""
    op.create_table(
        "list_task",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", _one_of("list_task_kind", "export", "action"), nullable=False),
        sa.Column(
            "state",
            _one_of("list_task_state", "waiting", "running", "done", "failed", "removed"),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_list_task_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_task")),
    )
    op.create_index("ix_list_task_person", "list_task", ["person_id", "created_at"])
    op.create_index("ix_list_task_created", "list_task", ["created_at", "id"])
    # Most jobs are done; who looks for the others finds them among few.
    op.create_index(
        "ix_job_unfinished", "job", ["state", "id"], postgresql_where=sa.text("state <> 'done'")
    )
    op.create_index("ix_orders_changed", "orders", ["changed_at", "number"])
    op.create_index("ix_dispatch_changed", "dispatch", ["changed_at", "id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_dispatch_changed", "dispatch")
    op.drop_index("ix_orders_changed", "orders")
    op.drop_index("ix_job_unfinished", "job")
    op.drop_table("list_task")
