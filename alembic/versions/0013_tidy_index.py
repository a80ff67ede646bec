"""Let a role that owns nothing put what awaits its place in the search index there.

Postgres lets only the owner of an index do so; the function does it in the owner's name. Its body
is a text, so that it does not hold on to the index, which may be made anew.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the function."""
    op.execute(
        """
        CREATE FUNCTION catalogue_tidy_index() RETURNS bigint
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$ SELECT gin_clean_pending_list('ix_product_search') $$
        """
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION catalogue_tidy_index()")
