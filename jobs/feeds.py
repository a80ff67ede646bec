"""The jobs of the queue `feeds`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.models.feeds import SyncFeed, TidyCatalogue
from app.services.feeds import gives_way, pull_feed, run_gave_up, tidy_index, vacuum
from jobs.runner import Outside, Setback, job

if TYPE_CHECKING:
    from app.work import Work


def _sync_is_given_up(work: Work, call: SyncFeed, setback: Setback) -> None:
    run_gave_up(work, run_id=call.sync_run_id, problem=setback.problem)


@job(SyncFeed, on_dead=_sync_is_given_up)
def sync_feed(_work: Work, call: SyncFeed) -> Outside:
    """Pull one feed. A feed that is broken ends its run, not this job: the schedule comes again."""
    return partial(pull_feed, run_id=call.sync_run_id)


@job(TidyCatalogue)
def tidy_catalogue(work: Work, call: TidyCatalogue) -> Outside:
    """Tidy up after a sync; the vacuum, which may take a while, gives way to the next sync."""
    vacuums = call.vacuum and not gives_way(work)

    def tidy() -> None:
        tidy_index()
        if vacuums:
            vacuum()

    return tidy
