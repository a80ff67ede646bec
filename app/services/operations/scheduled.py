"""The recurring jobs of this program: what runs by itself, and when.

    Scheduled("audit-anchor", "0 * * * *", AnchorAudit, "Writes down in the bucket …")

A line here is all a recurring job needs besides its `JobCall` and its function in `jobs`. Feeds
are not here: each has a schedule of its own, which people change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.models.audit import AnchorAudit, VerifyAudit
from app.models.operations import CleanUp, JobCall
from app.models.rooms import RemoveExports
from app.models.snapshots import CleanUpBucket, DeleteSnapshots, TakeNightly, VerifySample


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A recurring job: `call` makes the job of each run, `cron` says in UTC when that is.

    `name` is what people and the database know it by; `description` says what it does and why.
    """

    name: str
    cron: str
    call: Callable[[], JobCall]
    description: str


SCHEDULED: Final = (
    Scheduled(
        "audit-anchor",
        "0 * * * *",
        AnchorAudit,
        "Writes down in the bucket what the audit's newest entry is, so that none can be cut off.",
    ),
    Scheduled(
        "audit-verify",
        "40 2 * * *",
        VerifyAudit,
        "Looks at every entry of the audit and names the first that is not as it was written.",
    ),
    Scheduled(
        "clean-up",
        "20 3 * * *",
        CleanUp,
        "Deletes jobs, sync runs and sessions that ended long ago.",
    ),
    Scheduled(
        "remove-exports",
        "40 * * * *",
        RemoveExports,
        "Deletes the files of exports a week after they were asked for.",
    ),
    Scheduled(
        "nightly-snapshot",
        "0 2 * * *",
        TakeNightly,
        "Takes the snapshot of the whole catalogue that proves what everything cost that day.",
    ),
    Scheduled(
        "verify-snapshots",
        "30 3 * * *",
        VerifySample,
        "Reads some snapshots again and checks every hash of them; over the days all.",
    ),
    Scheduled(
        "delete-snapshots",
        "0 4 * * *",
        DeleteSnapshots,
        "Deletes snapshots that retention no longer keeps; those that prove an order stay.",
    ),
    Scheduled(
        "clean-up-bucket",
        "40 4 * * *",
        CleanUpBucket,
        "Removes what captures that ended badly and deleted snapshots have left in the bucket.",
    ),
)
