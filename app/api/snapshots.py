"""Taking a snapshot out of the program: for who is signed in, and for who has a link from a mail.

Files lie in the bucket: a route checks who asks and leads to a short-lived address of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from app.api.access import allow, open_to_all
from app.api.downloads import HEADERS
from app.api.errors import notice, page
from app.api.streaming import PiecesResponse
from app.errors import NotFound
from app.models.accounts import Permission
from app.services import snapshots
from app.services.spreadsheet import CSV
from app.views.accounts import Viewer
from app.views.formatting import moment, number
from app.views.snapshot_text import size_said
from app.work import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINK: Final = 500

router = APIRouter(prefix="/snapshots", include_in_schema=False)
linked = APIRouter(prefix=snapshots.LINKS, include_in_schema=False)

Reader = Annotated[Viewer, allow(Permission.SNAPSHOT_READ)]
Link = Annotated[str, Query(alias=snapshots.PARAMETER, max_length=LONGEST_LINK)]


# Plain functions: they wait for the database and the bucket.
@router.get("/{snapshot_id}/files/{part}")
def file(snapshot_id: UUID, part: str, person: Reader) -> Response:
    """Lead to a file of a snapshot."""
    return _to_file(person, snapshot_id, part)


@router.get("/{snapshot_id}/download")
def download(snapshot_id: UUID, person: Reader) -> Response:
    """Lead to the file of a snapshot, or to the list of them where there are several."""
    files = reading(snapshots.parts_of, viewer=person, snapshot_id=snapshot_id)
    if len(files) == 1:
        return _to_file(person, snapshot_id, files[0].name)
    return _elsewhere(f"{snapshots.address_of(snapshot_id)}#files")


@router.get("/{snapshot_id}/csv")
def as_csv(snapshot_id: UUID, person: Reader) -> Response:
    """Give a snapshot as CSV, or say that it is being written."""
    here = f"{router.prefix}/{snapshot_id}/csv"
    return _csv(person, snapshot_id, here)


@linked.get("/{snapshot_id}", dependencies=[open_to_all])
def look(snapshot_id: UUID, link: Link = "") -> Response:
    """Show what a link from a mail leads to, or why it no longer leads anywhere."""
    try:
        viewer = reading(snapshots.follow_link, snapshot_id=snapshot_id, token=link)
    except snapshots.LinkRefused as problem:
        return _refused(problem)
    shown = reading(snapshots.show_snapshot, viewer=viewer, snapshot_id=snapshot_id)
    files = reading(snapshots.parts_of, viewer=viewer, snapshot_id=snapshot_id)
    here, link_part = f"{linked.prefix}/{snapshot_id}", f"?{snapshots.PARAMETER}={link}"
    taken = moment(shown.taken_at, viewer.locale) if shown.taken_at else ""
    rows, size = number(shown.rows or 0, viewer.locale), size_said(shown.bytes or 0, viewer.locale)
    answer = page(
        "snapshot.html",
        title=shown.title,
        sentence=f"{rows} products as they were on {taken}, {size}. SHA-256 {shown.root_hash}",
        files=[
            {
                "href": f"{here}/files/{each.name}{link_part}",
                "words": "Download as Parquet"
                if len(files) == 1
                else f"Download part {place} of {len(files)}",
            }
            for place, each in enumerate(files, 1)
        ],
        csv=f"{here}/csv{link_part}",
        look=snapshots.address_of(snapshot_id),
    )
    # The address is the key: it is told to nobody.
    answer.headers.update(HEADERS)
    return answer


@linked.get("/{snapshot_id}/files/{part}", dependencies=[open_to_all])
def linked_file(snapshot_id: UUID, part: str, link: Link = "") -> Response:
    """Lead whoever has a link to a file."""
    try:
        viewer = reading(snapshots.follow_link, snapshot_id=snapshot_id, token=link)
    except snapshots.LinkRefused as problem:
        return _refused(problem)
    return _to_file(viewer, snapshot_id, part)


@linked.get("/{snapshot_id}/csv", dependencies=[open_to_all])
def linked_csv(snapshot_id: UUID, link: Link = "") -> Response:
    """Give whoever has a link the snapshot as CSV."""
    try:
        viewer = reading(snapshots.follow_link, snapshot_id=snapshot_id, token=link)
    except snapshots.LinkRefused as problem:
        return _refused(problem)
    return _csv(
        viewer, snapshot_id, f"{linked.prefix}/{snapshot_id}/csv?{snapshots.PARAMETER}={link}"
    )


def _to_file(viewer: Viewer, snapshot_id: UUID, part: str) -> Response:
    for each in reading(snapshots.downloads_of, viewer=viewer, snapshot_id=snapshot_id):
        if each.part == part:
            return _elsewhere(each.address)
    raise NotFound("The snapshot has no such file.")


def _csv(viewer: Viewer, snapshot_id: UUID, here: str) -> Response:
    # DuckDB is loaded by those who want this.
    from app.services.snapshots.csv_file import csv_file, pieces_of  # noqa: PLC0415 - DuckDB

    found = csv_file(viewer=viewer, snapshot_id=snapshot_id)
    if found.address:
        return _elsewhere(found.address)
    if not found.is_short:
        return notice(
            title="The file is being written",
            sentence="It takes a minute or two, and is kept. You may close this page.",
            action="Look again",
            href=here,
            status=202,
        )
    pieces = pieces_of(viewer=viewer, snapshot_id=snapshot_id)
    # What cannot be read is said before anything is sent.
    first = next(pieces)

    def whole() -> Iterator[bytes]:
        yield first
        yield from pieces

    named = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return PiecesResponse(whole(), media_type=CSV, headers=HEADERS | named)


def _elsewhere(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=HEADERS)


def _refused(problem: snapshots.LinkRefused) -> Response:
    return notice(
        title=problem.title,
        sentence=problem.sentence,
        action="Sign in",
        href="/auth/login?next=/snapshots",
        status=problem.status,
    )
