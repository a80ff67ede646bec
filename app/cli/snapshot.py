"""`snapshot`: take, verify, list and delete snapshots."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import orjson
import typer

from app.errors import AppError, BadInput

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView

cli = typer.Typer(help="Snapshots of the catalogue.", no_args_is_help=True)

LOOK_EVERY_SECONDS: Final = 0.2

SnapshotId = Annotated[str, typer.Argument(help="The snapshot's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def _viewer() -> Viewer:
    from app.services.accounts import service_viewer

    return service_viewer("command line")


@cli.command()
def take(
    *,
    query: Annotated[
        str, typer.Option(help="The query part of a search's address; without it, everything.")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Capture it now, in this process.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a snapshot. Exits with 1 where it is waited for and comes to nothing."""
    from app.services.snapshots import request_snapshot
    from app.views.catalogue_query import CatalogueQuery
    from app.work import within

    asked = within(
        request_snapshot,
        viewer=_viewer(),
        query=CatalogueQuery.parse(query.lstrip("?")),
        queued=not wait,
    )
    found = _waited_for(asked.id) if wait else asked
    if wait and not found.is_readable:
        raise AppError(f"The snapshot came to nothing: {found.problem or found.state}")
    typer.echo(orjson.dumps(_figures(found)).decode() if as_json else _sentence(found))


def _waited_for(snapshot_id: UUID) -> SnapshotView:
    """Capture a snapshot here, or wait for the process that does; return how that ended."""
    from app.errors import Unavailable
    from app.services.snapshots import show_snapshot
    from app.services.snapshots.capture import capture_snapshot
    from app.services.snapshots.stages import gave_up
    from app.work import reading, within

    while True:
        try:
            capture_snapshot(snapshot_id=snapshot_id)
        except Unavailable as problem:
            if not _is_with_somebody(snapshot_id):
                within(gave_up, snapshot_id=snapshot_id, problem=problem.sentence)
        except BaseException:
            within(gave_up, snapshot_id=snapshot_id, problem="It was broken off.")
            raise
        found = reading(show_snapshot, viewer=_viewer(), snapshot_id=snapshot_id)
        if not found.is_open:
            return found
        time.sleep(LOOK_EVERY_SECONDS)


def _is_with_somebody(snapshot_id: UUID) -> bool:
    from app.services.snapshots.states import is_being_written
    from app.work import within

    return within(is_being_written, snapshot_id)


def _figures(found: SnapshotView) -> dict[str, object]:
    seconds = found.seconds
    return {
        "id": str(found.id),
        "rows": found.rows,
        "seconds": None if seconds is None else round(seconds, 3),
        "bytes": found.bytes,
        "root_hash": found.root_hash or None,
    }


def _sentence(found: SnapshotView) -> str:
    if not found.is_readable:
        return f"{found.id}  {found.state:<9}  {found.title}  {found.problem}".rstrip()
    taken = f"{found.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    size = (found.bytes or 0) / 1_000_000
    return (
        f"{found.id}  {found.state:<9}  {taken}  {found.rows:>10,} rows  {size:>8,.1f} MB  "
        f"{found.chain:<10}  {found.title}"
    )


@cli.command()
def verify(snapshot_id: SnapshotId, *, as_json: AsJson = False) -> None:
    """Read a snapshot from the bucket again and check every hash. Exits with 1 if it is damaged."""
    from app.services.snapshots.verify import verify_snapshot

    found = verify_snapshot(viewer=_viewer(), snapshot_id=_id(snapshot_id))
    if as_json:
        typer.echo(orjson.dumps({**asdict(found), "sound": found.is_sound}).decode())
    elif found.is_sound:
        typer.echo(f"Sound: {found.rows:,} rows in {found.parts} files, {found.root_hash}.")
    if not found.is_sound:
        raise BadInput(f"Damaged: {' '.join(found.damage)}")


@cli.command()
def compare(
    before: Annotated[str, typer.Argument(help="The earlier snapshot's id.")],
    after: Annotated[str, typer.Argument(help="The later snapshot's id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say what two snapshots say differently. Exits with 1 where they cannot be compared."""
    from app.services.comparisons import comparison_between, request_comparison
    from app.services.comparisons.carry_out import carry_out
    from app.views.comparison_text import in_figures, in_words
    from app.work import reading, within

    both: dict[str, UUID] = {"before_id": _id(before), "after_id": _id(after)}
    found = within(request_comparison, viewer=_viewer(), **both, queued=False)
    if not found.is_stored:
        carry_out(found.id)
        found = reading(comparison_between, viewer=_viewer(), **both)
    if not found.is_stored:
        raise AppError(f"The comparison came to nothing: {found.problem or found.state}")
    typer.echo(orjson.dumps(in_figures(found)).decode() if as_json else in_words(found))


@cli.command(name="list")
def list_all() -> None:
    """List the newest snapshots."""
    from app.services.snapshots import list_snapshots
    from app.work import reading

    found = reading(list_snapshots, viewer=_viewer()).rows
    for snapshot in found:
        typer.echo(_sentence(snapshot))
    if not found:
        typer.echo("There is no snapshot yet: take one with `python -m app snapshot take`.")


@cli.command()
def cancel(snapshot_id: SnapshotId) -> None:
    """Call off a snapshot that is not stored yet."""
    from app.services.snapshots import cancel_snapshot
    from app.work import within

    within(cancel_snapshot, viewer=_viewer(), snapshot_id=_id(snapshot_id))
    typer.echo("It is called off.")


@cli.command()
def retention(
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Delete what is not kept.")] = False,
) -> None:
    """Say which snapshots are kept and why, and which are deleted."""
    from app.services.snapshots.retention import delete_unkept, plan_retention
    from app.work import reading

    plan = reading(plan_retention, viewer=_viewer())
    for each in plan:
        verdict = f"kept: {each.keeps}" if each.keeps else "to be deleted"
        typer.echo(f"{each.id}  {each.taken_at:%Y-%m-%d %H:%M}  {each.title}  {verdict}")
    unkept = sum(not each.keeps for each in plan)
    if delete:
        typer.echo(f"{delete_unkept()} of {len(plan)} deleted.")
    else:
        typer.echo(f"{unkept} of {len(plan)} would be deleted: --delete does it.")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(f"{text!r} is no snapshot's id: see `app snapshot list`.") from None
