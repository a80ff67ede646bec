"""Create the audit: a chain of entries that the database numbers, dates, hashes and keeps.

What is noted is appended by an ordinary INSERT; a trigger takes the chain's lock, which is held to
the end of the transaction, and fills in what chains the entry to the one before, whatever the
INSERT says about it. Another trigger refuses everything that would take an entry away.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What is hashed is described in docs/audit.md: a JSON array of texts looks the same wherever it is
# made, however odd the names in it are. The search path keeps a temporary table of that name from
# being taken for the audit.
_APPEND = """
CREATE FUNCTION audit_append() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    latest record;
BEGIN
    PERFORM pg_advisory_xact_lock(4715002);
    SELECT sequence, hash INTO latest FROM audit_entry ORDER BY sequence DESC LIMIT 1;
    NEW.sequence := coalesce(latest.sequence, 0) + 1;
    NEW.previous_hash := coalesce(latest.hash, decode(repeat('00', 32), 'hex'));
    NEW.at := clock_timestamp();
    NEW.hash := sha256(convert_to(
        jsonb_build_array(
            NEW.sequence::text,
            to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            NEW.actor_kind, NEW.actor_id, NEW.actor_name, NEW.address, NEW.trace_id,
            NEW.action, NEW.subject_kind, NEW.subject_id, NEW.subject_title,
            NEW.before::text, NEW.after::text, encode(NEW.previous_hash, 'hex')
        )::text, 'UTF8'));
    RETURN NEW;
END $$
"""
_REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'the audit is only ever appended to';
END $$
"""


def upgrade() -> None:
    """Create the table with its triggers."""
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "person",
                "service",
                "nobody",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                "actor_id",
                "actor_name",
                "address",
                "trace_id",
                "action",
                "subject_kind",
                "subject_id",
                "subject_title",
            )
        ),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "sequence"])
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "sequence"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "sequence"])
    op.create_index(
        "ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id", "sequence"]
    )
    op.execute(
        "CREATE INDEX ix_audit_entry_text ON audit_entry "
        "USING gin ((actor_name || ' ' || subject_title) gin_trgm_ops)"
    )
    op.execute(_APPEND)
    op.execute(_REFUSE)
    op.execute(
        "CREATE TRIGGER audit_entry_append BEFORE INSERT ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_append()"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )
    # Also where a session says that it only repeats what happened elsewhere.
    op.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_refuse")


def downgrade() -> None:
    """Drop it, with everything that was noted."""
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION audit_append()")
    op.execute("DROP FUNCTION audit_refuse()")
