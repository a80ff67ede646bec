"""The jobs of the queue `feeds`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.models.feeds import SyncFeed
from app.services.feeds import pull_feed, run_gave_up
from jobs.runner import Outside, Setback, job

if TYPE_CHECKING:
    from app.work import Work


def _sync_is_given_up(work: Work, call: SyncFeed, setback: Setback) -> None:
    run_gave_up(work, run_id=call.sync_run_id, problem=setback.problem)


@job(SyncFeed, on_dead=_sync_is_given_up)
def sync_feed(_work: Work, call: SyncFeed) -> Outside:
    """Pull one feed. A feed that is broken ends its run, not this job: the schedule comes again."""

    def pull() -> None:
        pull_feed(run_id=call.sync_run_id)

    return pull
