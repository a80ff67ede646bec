"""`flag`: list and set feature flags, also while the web is down."""

from __future__ import annotations

from typing import Annotated

import typer

cli = typer.Typer(help="Feature flags and kill switches.", no_args_is_help=True)


@cli.command(name="list")
def list_all() -> None:
    """List every flag with for whom it is on; an expired one is marked."""
    from app.services.flags import list_flags
    from app.work import reading

    flags = reading(list_flags)
    width = max(len(flag.name) for flag in flags)
    for flag in flags:
        until = f"until {flag.expires}" if flag.expires else "stays"
        line = f"{flag.name:<{width}}  {flag.rule:<12}  {flag.origin:<17}  {flag.kind:<11}  {until}"
        expired = typer.style("  expired", fg=typer.colors.RED) if flag.is_expired else ""
        typer.echo(line + expired)


@cli.command(name="set")
def set_rule(
    name: Annotated[str, typer.Argument(help="The flag's name.")],
    rule: Annotated[
        str, typer.Argument(help='off, on, 25%, role:operator, person:<id>, or "10% role:admin".')
    ],
    reason: Annotated[str, typer.Option(help="Why; stands in the audit and beside the flag.")],
) -> None:
    """Say for whom a flag is on. Every process goes by it within two seconds."""
    from app.services.accounts import service_viewer
    from app.services.flags import change_flag
    from app.work import within

    administrator = service_viewer("command line")
    within(change_flag, administrator=administrator, name=name, rule=rule, reason=reason)
    typer.echo(f"{name} is {rule}.")
