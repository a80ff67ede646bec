"""The files of exported lists, for whoever asked for them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from app.api.access import allow
from app.api.downloads import HEADERS
from app.api.streaming import PiecesResponse
from app.integrations.bucket import configured_bucket
from app.models.accounts import Permission
from app.services import rooms
from app.services.spreadsheet import CSV
from app.views.accounts import Viewer
from app.work import reading

router = APIRouter(prefix="/exports")


# A plain function: it waits for the database and the bucket.
@router.get("/{task_id}")
def exported_list(
    task_id: UUID, person: Annotated[Viewer, allow(Permission.LIST_EXPORT)]
) -> PiecesResponse:
    """Return the file of an export to whoever asked for it, while it is kept."""
    file = reading(rooms.exported_file, viewer=person, task_id=task_id)
    return PiecesResponse(
        configured_bucket().chunks(file.key),
        media_type=CSV,
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{file.name}"'},
    )
