"""The role that the program works under: it owns nothing, and of the audit it can only add to it.

Where migrations run under a role of their own (DATABASE_OWNER_URL), the role of DATABASE_URL gets
after each of them what the program needs, and no more. docs/audit.md says what that is good for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from psycopg import sql
from sqlalchemy.engine import make_url

from app import db
from app.errors import Misconfigured

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

# MAINTAIN is what VACUUM and ANALYZE after a sync need.
_GRANTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    "REVOKE ALL ON audit_entry, alembic_version FROM {}",
    "GRANT SELECT, INSERT ON audit_entry TO {}",
    "GRANT SELECT ON alembic_version TO {}",
)


def grant_to_working_role(connection: Connection) -> None:
    """Give the role of DATABASE_URL what the program needs; nothing where it is the owner.

    The role is made where there is none. Raises Misconfigured where that is not allowed.
    """
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    url = make_url(db.database_url())
    name = url.username or ""
    wanted = "SELECT current_user <> %s AND to_regclass('audit_entry') IS NOT NULL"
    if driver.execute(wanted, [name]).fetchone() != (True,):
        return
    if driver.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
        _make(driver, name, str(url.password or ""))
    for grant in _GRANTS:
        driver.execute(sql.SQL(grant).format(sql.Identifier(name)))


def _make(driver: psycopg.Connection, name: str, password: str) -> None:
    may = driver.execute(
        "SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)"
    )
    if may.fetchone() is None:
        raise Misconfigured(
            f"The database has no role {name} and the role of DATABASE_OWNER_URL may not make one: "
            f"have your administrator run CREATE ROLE {name} LOGIN PASSWORD '…'."
        )
    # Encrypted here, so that no log of the server ever holds it.
    encrypted = driver.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    driver.execute(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(name), sql.Literal(encrypted)
        )
    )
