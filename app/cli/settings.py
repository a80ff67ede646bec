"""`settings`: what can be set, and the two files generated from the class."""

from __future__ import annotations

import typer

cli = typer.Typer(help="What can be set.", no_args_is_help=True)


@cli.callback()
def settings() -> None:
    """Work with the settings' own documentation."""
