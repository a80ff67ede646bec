"""`audit`: verify that nothing in the audit was changed, and anchor its newest entry."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

cli = typer.Typer(help="Who did what: the chain of entries.", no_args_is_help=True)


@cli.command()
def verify(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False
) -> None:
    """Look at every entry and name the first that is not as it was written; then exit code 1."""
    import orjson

    from app.services.audit import keep_verification, verify_chain
    from app.work import within

    result = verify_chain()
    within(keep_verification, result=result)
    if as_json:
        said = {"good": result.finding is None, **asdict(result), "sentence": result.sentence}
        typer.echo(orjson.dumps(said).decode())
    else:
        colour = typer.colors.RED if result.finding else typer.colors.GREEN
        typer.secho(result.sentence, fg=colour)
    if result.finding:
        raise typer.Exit(1)


@cli.command()
def anchor() -> None:
    """Write down in the bucket what the newest entry is, as every hour."""
    from app.services.audit import newest_entry, write_anchor
    from app.work import reading

    newest = reading(newest_entry)
    if newest is None:
        typer.echo("Nothing was ever noted.")
        return
    said = "is anchored" if write_anchor(newest) else "was anchored already"
    typer.echo(f"Entry {newest.sequence} {said}: {newest.hash.hex()}")
