"""`user`: who may sign in, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.models.accounts import Role

if TYPE_CHECKING:
    from uuid import UUID

    from app.views.accounts import KnownPerson, Viewer

cli = typer.Typer(help="People and what they may do.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="The person's e-mail address, or id.")]
Roles = list[Role]


def _operator() -> Viewer:
    """Return who asks here: whoever has the settings of the installation in hand."""
    from app.services.accounts import service_viewer

    return service_viewer("command line")


def _meant(who: str) -> UUID:
    from app.services.accounts import person_meant
    from app.work import reading

    return reading(person_meant, viewer=_operator(), who=who)


@cli.command(name="list")
def list_all() -> None:
    """List everybody with their roles."""
    from app.services.accounts import known_people
    from app.work import reading

    people = reading(known_people, viewer=_operator())
    if not people:
        typer.echo("Nobody is known yet.")
        return
    width = max(len(person.email) for person in people)
    for person in people:
        typer.echo(f"{person.email:<{width}}  {_summary(person)}")


def _summary(person: KnownPerson) -> str:
    roles = ", ".join(person.roles) or "no role"
    blocked = "  BLOCKED" if person.is_blocked else ""
    return f"{roles:<24}  {person.name}  ({person.issuer}){blocked}"


Address = Annotated[str, typer.Argument(help="The address that links are mailed to.")]
Name = Annotated[str, typer.Option(help="What they are called; by default as their address.")]
HasRoles = Annotated[Roles, typer.Option("--role", help="A role they have; may be repeated.")]


@cli.command()
def link(email: Address, *, role: HasRoles = [], name: Name = "") -> None:  # noqa: B006 - typer reads it
    """Print an address that signs in once, within 15 minutes; adds who is not known yet."""
    from app.config import settings
    from app.errors import Misconfigured
    from app.services.accounts import print_link
    from app.work import within

    if not settings().sign_in_links:
        raise Misconfigured("Set SIGN_IN_LINKS=true first: without it no link can be used.")
    address = within(print_link, administrator=_operator(), email=email, name=name, roles=role)
    typer.echo("Open this within 15 minutes; it works once, and for whoever opens it:")
    typer.echo(address)


@cli.command()
def add(email: Address, *, role: HasRoles, name: Name = "") -> None:
    """Let somebody sign in by links that are mailed to them."""
    from app.services.accounts import add_person
    from app.work import within

    within(add_person, administrator=_operator(), email=email, name=name, roles=role)
    typer.echo(f"{email} may sign in: {', '.join(role)}.")


@cli.command()
def roles(
    who: Who,
    *,
    give: Annotated[Roles, typer.Option(help="A role they have in any case.")] = [],  # noqa: B006 - typer reads it
    withhold: Annotated[Roles, typer.Option(help="A role they never have.")] = [],  # noqa: B006 - the same
) -> None:
    """Say which roles a person has and has not; without options the provider alone decides."""
    from app.services.accounts import change_roles
    from app.work import within

    within(
        change_roles,
        administrator=_operator(),
        person_id=_meant(who),
        give=give,
        withhold=withhold,
    )
    typer.echo(f"{who}: the roles are changed.")


@cli.command()
def block(
    who: Who, reason: Annotated[str, typer.Option(help="Why; for the administrators.")]
) -> None:
    """Keep a person out, and end their sessions now."""
    from app.services.accounts import block_person
    from app.work import within

    within(block_person, administrator=_operator(), person_id=_meant(who), reason=reason)
    typer.echo(f"{who} is blocked.")


@cli.command()
def unblock(who: Who) -> None:
    """Let a blocked person sign in again."""
    from app.services.accounts import unblock_person
    from app.work import within

    within(unblock_person, administrator=_operator(), person_id=_meant(who))
    typer.echo(f"{who} may sign in again.")
