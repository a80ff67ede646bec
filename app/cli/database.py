"""`migrate` and `prepare`: bring the database and the bucket to what the program expects."""

from __future__ import annotations

from typing import Annotated

import typer

DemoSupplier = Annotated[str | None, typer.Option(help="Address of the demo supplier.")]


def register(cli: typer.Typer) -> None:
    """Add the commands to the top level."""
    cli.command()(migrate)
    cli.command(hidden=True)(prepare)


def migrate() -> None:
    """Bring the database to the newest migration."""
    _upgrade()
    typer.echo("The database is up to date.")


def prepare(demo_supplier: DemoSupplier = None) -> None:
    """Migrate, register the demo feeds, and wait until the bucket keeps what is put into it."""
    from app.config import settings
    from app.errors import Misconfigured
    from app.integrations.bucket import wait_until_ready
    from app.services.feeds import seed_demo
    from app.work import within

    if demo_supplier and not settings().uses_development_services:
        raise Misconfigured(f"Demo data is refused with APP_ENV={settings().app_env}.")
    _upgrade()
    if demo_supplier:
        within(seed_demo, base_url=demo_supplier)
    wait_until_ready()


def _upgrade() -> None:
    from alembic.config import Config

    from alembic import command
    from app.config import PROJECT_ROOT

    command.upgrade(Config(PROJECT_ROOT / "alembic.ini"), "head")
