"""`feed`: add, list, show and sync feeds."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from app.errors import BadInput, Conflict
from app.models.feeds import Authentication

if TYPE_CHECKING:
    from app.views.feeds import FeedView, SyncRunView

cli = typer.Typer(help="Suppliers' product feeds.", no_args_is_help=True)

FeedName = Annotated[str, typer.Argument(help="The feed's name.")]
JsonFile = typer.Option(exists=True, dir_okay=False, readable=True)


def _json(path: Path | None) -> Any:  # noqa: ANN401 - what the file holds is checked by the service
    if path is None:
        return None
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as problem:
        raise BadInput(f"{path} is not JSON: {problem}.") from None


@cli.command()
def add(  # noqa: PLR0917 - typer reads the options from the arguments
    name: FeedName,
    url: Annotated[str, typer.Option(help="Where the products are listed.")],
    supplier: Annotated[str, typer.Option(help="Name of the supplier.")],
    mapping: Annotated[Path, JsonFile],
    order_email: Annotated[
        str | None, typer.Option(help="Takes the orders of a supplier that is new.")
    ] = None,
    paging: Annotated[Path | None, JsonFile] = None,
    stores: Annotated[Path | None, JsonFile] = None,
    categories: Annotated[Path | None, JsonFile] = None,
    authentication: Annotated[Authentication, typer.Option()] = Authentication.NONE,
    header_name: Annotated[str | None, typer.Option(help="For authentication by header.")] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Holds the header's value, token or user:password."
        ),
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help='Cron expression in UTC, such as "*/30 * * * *".')
    ] = None,
) -> None:
    """Register a feed. Mapping, paging, stores and categories are JSON files."""
    from app.services.feeds import register_feed
    from app.work import within

    within(
        register_feed,
        name=name,
        supplier=supplier,
        url=url,
        mapping=_json(mapping),
        paging=_json(paging),
        stores=_json(stores),
        categories=_json(categories),
        authentication=authentication,
        header_name=header_name,
        secret=secret_file.read_text("utf-8").strip() if secret_file else None,
        schedule=schedule,
        order_email=order_email,
    )
    typer.echo(f"{name} is registered. Try it with: python -m app feed sync {name}")


@cli.command(name="list")
def list_all() -> None:
    """List every feed with how it is doing."""
    from app.services.feeds import list_feeds
    from app.work import reading

    feeds = reading(list_feeds)
    if not feeds:
        typer.echo("There is no feed yet: add one with `python -m app feed add`.")
        return
    width = max(len(feed.name) for feed in feeds)
    for feed in feeds:
        typer.echo(f"{feed.name:<{width}}  {_summary(feed)}")


def _summary(feed: FeedView) -> str:
    due = f"{feed.due_at:%Y-%m-%d %H:%M} UTC" if feed.due_at else "by hand only"
    synced = f"{feed.synced_at:%Y-%m-%d %H:%M} UTC" if feed.synced_at else "never"
    return (
        f"{feed.state:<11} {feed.products:>9,} products  synced {synced:<20}  "
        f"next {due:<20}  {feed.supplier}"
    )


@cli.command()
def show(name: FeedName) -> None:
    """Show how a feed is read and what its last syncs came to, as JSON."""
    from app.services.feeds import feed_id_of, show_feed
    from app.work import reading

    detail = reading(show_feed, feed_id=reading(feed_id_of, name=name))
    typer.echo(orjson.dumps(asdict(detail), option=orjson.OPT_INDENT_2).decode())


@cli.command()
def sync(
    name: FeedName,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as one line of JSON.")
    ] = False,
) -> None:
    """Sync a feed now, in this process. Exits with 1 when the sync fails."""
    from app.services.feeds import feed_id_of, pull_feed, request_sync
    from app.work import reading, within

    feed_id = reading(feed_id_of, name=name)
    asked = within(request_sync, feed_id=feed_id, queued=False)
    if asked.state == "running":
        raise Conflict(f"{name} is being synced already.")
    run = pull_feed(run_id=asked.id)
    if run.problem:
        raise BadInput(f"{name}: {run.problem}")
    typer.echo(orjson.dumps(_counts(run)).decode() if as_json else _sentence(run))


def _counts(run: SyncRunView) -> dict[str, Any]:
    return {**asdict(run.counts), "seconds": round(run.seconds or 0.0, 3)}


def _sentence(run: SyncRunView) -> str:
    parts = ", ".join(f"{number:,} {what}" for what, number in asdict(run.counts).items())
    return f"{run.feed}: {parts} in {run.seconds or 0:.1f} s"
