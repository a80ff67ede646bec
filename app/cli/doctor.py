"""`doctor`: says for every setting and service whether it is right, and how to mend it."""

from __future__ import annotations

import typer

GOOD, BAD = "ok", "wrong"


def register(cli: typer.Typer) -> None:
    """Add the command to the top level."""
    cli.command()(doctor)


def doctor() -> None:
    """Check every setting and service; exit code 1 when something is wrong."""
    from app.services.operations.doctor import examine
    from app.services.operations.setting_rows import setting_rows

    rows = setting_rows()  # all mistakes in one message, when there are any
    typer.secho("Settings", bold=True)
    for row in rows:
        _line(row.name, f"{row.value} ({row.source})", ok=True)
    typer.secho("Services", bold=True)
    found = examine()
    for check in found.checks:
        _line(check.name, check.sentence, ok=check.ok)
    if not found.ready:
        wrong = sum(not check.ok for check in found.checks)
        typer.secho(f"{wrong} of {len(found.checks)} are wrong.", fg=typer.colors.RED)
        raise typer.Exit(1)
    typer.secho("Everything is in order.", fg=typer.colors.GREEN)


def _line(name: str, sentence: str, *, ok: bool) -> None:
    mark = typer.style(f"{GOOD if ok else BAD:<6}", fg="green" if ok else "red")
    typer.echo(f"  {mark}{name:<28} {sentence}")
