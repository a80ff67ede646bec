"""A queue for what administrators set off: exports, actions on many rows, upkeep."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_BEFORE = ("mail", "orders", "feeds", "snapshots")
# What goes on while syncs are stopped, and does not stand behind one.
_MOVED = (
    "jobs.rooms.write_export",
    "jobs.rooms.act_on_rows",
    "jobs.rooms.remove_exports",
    "jobs.operations.clean_up",
    "jobs.audit.anchor_audit",
    "jobs.audit.verify_audit",
)
_WAITING = "state IN ('queued', 'retrying')"


def upgrade() -> None:
    """Name the queue, and move there what waits."""
    _name_queues(*_BEFORE, "rooms")
    _move("rooms")


def _name_queues(*names: str) -> None:
    """Let a job stand in these queues only."""
    known = ", ".join(f"'{name}'" for name in names)
    op.drop_constraint(op.f("ck_job_queue"), "job", type_="check")
    op.create_check_constraint(op.f("ck_job_queue"), "job", f"queue IN ({known})")


def _move(queue: str) -> None:
    names = ", ".join(f"'{name}'" for name in _MOVED)
    op.execute(f"UPDATE job SET queue = '{queue}' WHERE name IN ({names}) AND {_WAITING}")  # noqa: S608 - made of the constants above


def downgrade() -> None:
    """Move it back."""
    op.execute("UPDATE job SET queue = 'feeds' WHERE queue = 'rooms'")
    _name_queues(*_BEFORE)
