"""`migrate` and `prepare`: bring the database and the bucket to what the program expects."""

from __future__ import annotations

import typer


def register(cli: typer.Typer) -> None:
    """Add the commands to the top level."""
    cli.command()(migrate)
    cli.command(hidden=True)(prepare)


def migrate() -> None:
    """Bring the database to the newest migration."""
    _upgrade()
    typer.echo("The database is up to date.")


def prepare() -> None:
    """Migrate, and wait until the bucket keeps what is put into it."""
    from app.integrations.bucket import wait_until_ready  # noqa: PLC0415 - lazy

    _upgrade()
    wait_until_ready()


def _upgrade() -> None:
    from alembic.config import Config  # noqa: PLC0415 - lazy

    from alembic import command  # noqa: PLC0415 - lazy
    from app.config import PROJECT_ROOT  # noqa: PLC0415 - lazy

    command.upgrade(Config(PROJECT_ROOT / "alembic.ini"), "head")
