"""What the administration page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about the running of the place, answered.

    `key` names the tile; `is_good` is the answer in the reader's favour; `answer` the sentence
    with its figure; `link` the page that mends it, empty where there is none yet. Where it
    is not yet known (`is_known`), nothing is wrong as far as anybody can tell.
    """

    key: str
    question: str
    is_good: bool
    figure: str
    answer: str
    link: str
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """Something that runs by itself: a recurring job, or a feed where `feed_id` is given.

    `when` says in words what `cron` says; `outcome` is the state of the last run, "" before there
    was one; `due_at` is None while it is paused, `paused_by` who did that.
    """

    key: str
    name: str
    description: str
    cron: str
    when: str
    fired_at: datetime | None
    outcome: str
    problem: str
    job_id: UUID | None
    due_at: datetime | None
    paused_at: datetime | None
    paused_by: str
    feed_id: int | None = None


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting; of one that `is_secret` the value says only whether it is set.

    `source` is where it came from: default, the name of a file, running installation, environment
    variable, command line.
    """

    name: str
    value: str
    source: str
    description: str
    is_secret: bool
