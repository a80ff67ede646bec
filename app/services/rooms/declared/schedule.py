"""The room of the schedule: everything that runs by itself, feeds among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.models.accounts import Permission
from app.services.feeds import control
from app.services.letters import JOBS, LETTERS
from app.services.operations import schedule
from app.services.operations.schedule_rows import feed_of, schedule_rows
from app.services.rooms.cells import badge, moment
from app.services.rooms.declared.feed_detail import RUN_LOOKS
from app.services.rooms.declared.jobs import JOB_LOOKS
from app.services.rooms.filters import counted, found_in, listed_by
from app.services.rooms.room import Action, Column, Group, Listed, Room
from app.views.room_query import detail_address
from app.views.rooms import CellView, ChoiceView, EmptyView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.rooms.room import Call
    from app.views.accounts import Viewer
    from app.views.operations import ScheduleRow
    from app.work import Work

LOOKS: Final = {**JOB_LOOKS, **RUN_LOOKS}


def _rows(work: Work, _viewer: Viewer) -> Sequence[ScheduleRow]:
    return schedule_rows(work)


def _name(row: ScheduleRow, _viewer: Viewer) -> CellView:
    href = detail_address("feeds", str(row.feed_id)) if row.feed_id else ""
    return CellView(row.name, second=row.description, href=href)


def _outcome(row: ScheduleRow, viewer: Viewer) -> CellView:
    if not row.outcome:
        return CellView()
    cell = badge(row.outcome, LOOKS)
    may_see = row.job_id is not None and viewer.may(Permission.JOB_READ)
    return CellView(
        cell.text,
        second=row.problem,
        tone=cell.tone,
        icon=cell.icon,
        href=detail_address("jobs", str(row.job_id)) if may_see else "",
    )


def _next(row: ScheduleRow, _viewer: Viewer) -> CellView:
    if row.paused_at is None:
        return moment(row.due_at, "not declared yet")
    return CellView("Paused", tone="warn", icon="pause")


def _run_now(work: Work, call: Call) -> None:
    if feed_id := feed_of(call.key):
        control.sync_feed_now(work, viewer=call.viewer, feed_id=feed_id)
    else:
        schedule.run_now(work, viewer=call.viewer, name=call.key)


def _pause(work: Work, call: Call) -> None:
    if feed_id := feed_of(call.key):
        control.pause_feed(work, viewer=call.viewer, feed_id=feed_id)
    else:
        schedule.pause(work, viewer=call.viewer, name=call.key)


def _resume(work: Work, call: Call) -> None:
    if feed_id := feed_of(call.key):
        control.resume_feed(work, viewer=call.viewer, feed_id=feed_id)
    else:
        schedule.resume(work, viewer=call.viewer, name=call.key)


def _entries(number: int) -> str:
    return counted(number, "entry", "entries")


SCHEDULE: Final = Room(
    key="schedule",
    title="Schedule",
    group=Group.BACKGROUND,
    icon="calendar-clock",
    lead="Everything that runs by itself: when it ran last, what came of it, when it runs next.",
    permission=Permission.JOB_READ,
    source=Listed(_rows, key=lambda row: row.key),
    name=lambda row: row.name,
    columns=(
        Column("name", "What", _name, sort=lambda row: row.name, exported=lambda row: row.name),
        Column("when", "When", lambda row, _: row.when, wide_only=True),
        Column(
            "cron",
            "Cron expression",
            lambda row, _: CellView(row.cron, mono=True),
            wide_only=True,
            hidden=True,
        ),
        Column(
            "last",
            "Last run",
            lambda row, _: moment(row.fired_at, "never"),
            sort=lambda row: row.fired_at,
            figures=True,
            wide_only=True,
        ),
        Column("outcome", "What came of it", _outcome),
        Column("next", "Next run", _next, sort=lambda row: row.due_at, figures=True),
        Column("paused", "Paused by", lambda row, _: row.paused_by, wide_only=True, hidden=True),
    ),
    sort="next",
    filters=(
        listed_by(
            "kind",
            "Kind",
            (ChoiceView("upkeep", "Upkeep"), ChoiceView("feed", "Feeds")),
            lambda row, value: (row.feed_id is not None) == (value == "feed"),
        ),
        listed_by(
            "state",
            "State",
            (ChoiceView("on", "On"), ChoiceView("paused", "Paused")),
            lambda row, value: (row.paused_at is not None) == (value == "paused"),
        ),
    ),
    search=found_in(lambda row: f"{row.name} {row.description}"),
    search_hint="Name or what it does",
    actions=(
        Action(
            "run",
            "Run now",
            "play",
            Permission.SCHEDULE_CHANGE,
            says=lambda n: f"{_entries(n)} will run now, besides the schedule.",
            did=lambda n: f"{_entries(n)} queued.",
            carry_out=_run_now,
        ),
        Action(
            "pause",
            "Pause",
            "pause",
            Permission.SCHEDULE_CHANGE,
            says=lambda n: (
                f"{_entries(n)} will not run by schedule until resumed; what is under way goes on."
            ),
            did=lambda n: f"{_entries(n)} paused.",
            carry_out=_pause,
            applies=lambda row: row.paused_at is None,
        ),
        Action(
            "resume",
            "Resume",
            "undo-2",
            Permission.SCHEDULE_CHANGE,
            says=lambda n: f"{_entries(n)} will run by schedule again, from the next moment on.",
            did=lambda n: f"{_entries(n)} resumed.",
            carry_out=_resume,
            applies=lambda row: row.paused_at is not None,
        ),
    ),
    empty=EmptyView("calendar-clock", "Nothing is scheduled", "Which cannot be.", "", ""),
    topics=(schedule.TOPIC, JOBS, LETTERS, "feeds"),
    letter="t",
    words="cron recurring timer upkeep clean-up anchors",
)
