"""`up`: start a whole installation on this machine and keep it running."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[int | None, typer.Option(help="Port of the web; default: APP_PORT.")]
DataDir = Annotated[Path | None, typer.Option(help="Data folder; default: DATA_DIR.")]

Dev = Annotated[bool, typer.Option("--dev", help="Start again when a source file changes.")]

Careless = Annotated[bool, typer.Option("--careless", help="Quick, and forgets in a crash.")]


def register(cli: typer.Typer) -> None:
    """Add the commands to the top level."""
    cli.command()(up)
    cli.command(hidden=True)(services)
    cli.command(hidden=True)(pages)


def up(port: Port = None, data_dir: DataDir = None, *, dev: Dev = False) -> None:
    """Start everything: web, workers, scheduler, and a twin of each service not configured."""
    from app.embedded.start import start_installation

    folder = _absolute(data_dir)
    raise typer.Exit(start_installation(reloading=dev, app_port=port, data_dir=folder))


def services(port: Port = None, data_dir: DataDir = None, *, careless: Careless = False) -> None:
    """Start database, Valkey and bucket only: for tests."""
    from app.embedded.start import start_services

    folder = _absolute(data_dir)
    raise typer.Exit(start_services(careless=careless, app_port=port, data_dir=folder))


def pages(target: Path) -> None:
    """Build the pages into a folder that is not there yet: for an image."""
    from app.embedded.pages import build_into

    build_into(target.absolute())


def _absolute(folder: Path | None) -> Path | None:
    """A flag is relative to where the person stands, a setting to the project folder."""
    return folder.absolute() if folder else None
