"""Runs migrations against the database of the settings, one process at a time."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import SQLModel

import app.models  # noqa: F401 - registers every table
from alembic import context
from app import db
from app.working_role import grant_to_working_role

# Two processes that start together must not both migrate.
MIGRATION_LOCK = 4_715_001


def run() -> None:
    """Apply the asked-for migrations in one transaction."""
    with db.owner_engine().connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            compare_type=True,
            include_object=lambda _object, name, kind, *_: (
                # Partial indexes and those on expressions stand in the migration alone.
                not (
                    kind == "index" and str(name).startswith(("ix_product_", "ix_audit_entry_text"))
                )
            ),
        )
        with context.begin_transaction():
            context.run_migrations()
            grant_to_working_role(connection)
        connection.commit()


run()
