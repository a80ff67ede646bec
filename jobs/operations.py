"""The jobs that keep the place in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.models.operations import CleanUp
from app.services.operations import upkeep
from jobs.runner import Outside, job

if TYPE_CHECKING:
    from app.work import Work


@job(CleanUp)
def clean_up(_work: Work, _call: CleanUp) -> Outside:
    """Delete what has ended long ago, batch by batch."""
    return upkeep.clean_up
