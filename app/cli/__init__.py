"""`python -m app …`. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import sys

import typer

from app.acting import service_acts
from app.cli import (
    audit,
    background,
    database,
    doctor,
    feed,
    flag,
    settings,
    snapshot,
    up,
    user,
)
from app.errors import AppError

cli = typer.Typer(
    name="app",
    help="AnythingYouWantt: one place to order anything from any supplier's product feed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
up.register(cli)
database.register(cli)
background.register(cli)
doctor.register(cli)
cli.add_typer(audit.cli, name="audit")
cli.add_typer(feed.cli, name="feed")
cli.add_typer(flag.cli, name="flag")
cli.add_typer(settings.cli, name="settings")
cli.add_typer(snapshot.cli, name="snapshot")
cli.add_typer(user.cli, name="user")


def main() -> None:
    """Run one command; an error of the trade becomes one sentence and exit code 1."""
    service_acts("command line")
    try:
        cli()
    except AppError as problem:
        typer.secho(problem.sentence, fg=typer.colors.RED, err=True)
        sys.exit(1)
