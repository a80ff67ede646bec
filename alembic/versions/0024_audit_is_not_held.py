"""End a transaction that has written to the audit and then does nothing: others wait behind it."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# The lock of the chain is held until the commit, which follows at once: entries are written last.
_SOON = """
CREATE FUNCTION audit_soon() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.set_config('idle_in_transaction_session_timeout', '15s', true);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Bound every transaction from its first entry on, whoever writes it."""
    op.execute(_SOON)
    op.execute(
        "CREATE TRIGGER audit_entry_soon BEFORE INSERT ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_soon()"
    )


def downgrade() -> None:
    """Let it wait for as long as it likes."""
    op.execute("DROP TRIGGER audit_entry_soon ON audit_entry")
    op.execute("DROP FUNCTION audit_soon()")
