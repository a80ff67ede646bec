"""The jobs that work on whole lists: files of them, and actions on many rows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.integrations.bucket import configured_bucket
from app.models.rooms import ActOnRows, RemoveExports, WriteExport
from app.services.rooms import bulk, export
from jobs.runner import Outside, Setback, job

if TYPE_CHECKING:
    from app.work import Work

log = logging.getLogger(__name__)


def _no_file(work: Work, call: WriteExport, setback: Setback) -> None:
    export.export_gave_up(work, task_id=call.task_id, problem=setback.problem)


@job(WriteExport, on_dead=_no_file)
def write_export(_work: Work, call: WriteExport) -> Outside:
    """Write a list into a file, for whoever asked for it."""

    def write() -> None:
        export.write_export(call.task_id, configured_bucket())

    return write


def _not_done(work: Work, call: ActOnRows, setback: Setback) -> None:
    bulk.part_gave_up(work, call=call, problem=setback.problem)


@job(ActOnRows, on_dead=_not_done)
def act_on_rows(work: Work, call: ActOnRows) -> None:
    """Do something to some of the rows that were chosen together, for whoever asked for it."""
    bulk.act_on_part(work, call=call)


@job(RemoveExports)
def remove_exports(_work: Work, _call: RemoveExports) -> Outside:
    """Delete the files of exports that have grown old."""

    def remove() -> None:
        log.info("%d exports were removed", export.remove_old_files(configured_bucket()))

    return remove
