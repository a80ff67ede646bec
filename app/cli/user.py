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
    from app.work import within

    return within(person_meant, viewer=_operator(), who=who)


@cli.command(name="list")
def list_all() -> None:
    """List everybody with their roles."""
    from app.services.accounts import known_people
    from app.work import within

    people = within(known_people, viewer=_operator())
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
