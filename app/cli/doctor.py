"""`doctor`: says for every setting and service whether it is right, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from app.config import Settings

GOOD, BAD = "ok", "wrong"


def register(cli: typer.Typer) -> None:
    """Add the command to the top level."""
    cli.command()(doctor)


def doctor() -> None:
    """Check every setting and service; exit code 1 when something is wrong."""
    from app.config import Settings, settings
    from app.services.operations.doctor import examine

    given = settings()  # all mistakes in one message, when there are any
    typer.secho("Settings", bold=True)
    for name in Settings.model_fields:
        _line(name.upper(), shown(given, name), ok=True)
    typer.secho("Services", bold=True)
    found = examine()
    for check in found.checks:
        _line(check.name, check.sentence, ok=check.ok)
    if not found.ready:
        wrong = sum(not check.ok for check in found.checks)
        typer.secho(f"{wrong} of {len(found.checks)} are wrong.", fg=typer.colors.RED)
        raise typer.Exit(1)
    typer.secho("Everything is in order.", fg=typer.colors.GREEN)


def shown(given: Settings, name: str) -> str:
    """Return a setting's value as it may be shown: of a secret, only whether there is one."""
    from app.cli.settings import is_secret

    value = getattr(given, name)
    source = "" if name in given.model_fields_set else " (default)"
    if value is None or value == frozenset():
        return "not set"
    if is_secret(type(given).model_fields[name]):
        return f"set, not shown{source}"
    text = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
    return f"{text}{source}"


def _line(name: str, sentence: str, *, ok: bool) -> None:
    mark = typer.style(f"{GOOD if ok else BAD:<6}", fg="green" if ok else "red")
    typer.echo(f"  {mark}{name:<28} {sentence}")
