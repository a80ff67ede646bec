"""The feeds with their state and a button each, and the last sync runs."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex.vars import ObjectVar

from components.orders.words import Look, state_badge
from components.ui import (
    Column,
    button,
    card,
    cell,
    clock,
    count,
    empty_state,
    quiet,
    row,
    skeleton_rows,
    sparkline,
    table,
    two_lines,
)
from state.admin import AdminState, FeedRow, RunRow

RUN_LOOKS: Final[dict[str, Look]] = {
    "fresh": ("good", "check"),
    "late": ("warn", "clock"),
    "new": ("neutral", "clock"),
    "queued": ("neutral", "clock"),
    "running": ("info", "loader"),
    "applied": ("good", "check"),
    "quarantined": ("bad", "shield-alert"),
    "failed": ("bad", "circle-alert"),
    "cancelled": ("neutral", "ban"),
}
_FEED_COLUMNS: list[Column | str] = [
    "Feed",
    "State",
    Column("Products", figures=True, wide_only=True),
    Column("Last 14 syncs", wide_only=True, class_name="trend-column"),
    Column("Synced", wide_only=True),
    Column("Next", wide_only=True),
    Column("Sync", hidden_title=True),
]
_RUN_COLUMNS: list[Column | str] = [
    "Feed",
    "State",
    Column("Seen", figures=True, wide_only=True),
    Column("Created", figures=True, wide_only=True),
    Column("Changed", figures=True, wide_only=True),
    Column("Withdrawn", figures=True, wide_only=True),
    Column("Rejected", figures=True, wide_only=True),
    Column("Took", figures=True, wide_only=True),
    Column("When", figures=True),
]


def feeds() -> rx.Component:
    """Return the table of feeds."""
    feeds_shown = rx.Var.create(AdminState.feeds)
    return card(
        rx.cond(
            (AdminState.phase == "shown") & (feeds_shown.length() == 0),
            empty_state(
                icon="rss",
                title="No feed is connected",
                text="Connect a supplier's product feed with `python -m app feed add`.",
            ),
            table(
                _FEED_COLUMNS,
                rx.cond(
                    AdminState.phase == "loading",
                    skeleton_rows(3, len(_FEED_COLUMNS)),
                    rx.foreach(AdminState.feeds, _feed),
                ),
                label="Feeds",
            ),
        ),
        title=rx.fragment(
            "Feeds", rx.cond(AdminState.phase == "shown", count(feeds_shown.length()))
        ),
        flush=True,
        id="feeds",
    )


def _feed(feed: ObjectVar[FeedRow]) -> rx.Component:
    return row(
        cell(two_lines(feed.name, feed.supplier)),
        cell(
            state_badge(feed.word, RUN_LOOKS),
            rx.cond(feed.problem != "", rx.el.div(quiet(feed.problem), class_name="cell-remark")),
        ),
        cell(feed.products, figures=True, wide_only=True),
        cell(
            rx.cond(feed.trend != "", sparkline(feed.trend, label="Records seen")),
            wide_only=True,
            class_name="trend-column",
        ),
        cell(rx.cond(feed.synced_at, clock(feed.synced_at), quiet("never")), wide_only=True),
        cell(rx.cond(feed.due_at, clock(feed.due_at), quiet("by hand")), wide_only=True),
        cell(
            rx.el.div(
                button(
                    "Sync now",
                    icon="refresh-cw",
                    size="small",
                    loading=(AdminState.asking == feed.id.to(int)) | feed.is_syncing.to(bool),
                    on_click=AdminState.sync(feed.id),
                    aria_label=f"Sync {feed.name} now",
                ),
                class_name="feed-actions",
            )
        ),
    )


def runs() -> rx.Component:
    """Return the last sync runs over all feeds."""
    return rx.cond(
        (AdminState.phase == "shown") & (rx.Var.create(AdminState.runs).length() > 0),
        card(
            table(_RUN_COLUMNS, rx.foreach(AdminState.runs, _run), label="Last sync runs"),
            title="Last sync runs",
            flush=True,
        ),
    )


def _run(run: ObjectVar[RunRow]) -> rx.Component:
    return row(
        cell(two_lines(run.feed, rx.cond(run.problem != "", run.problem, f"by {run.trigger}"))),
        cell(state_badge(run.state, RUN_LOOKS)),
        cell(run.seen, figures=True, wide_only=True),
        cell(run.created, figures=True, wide_only=True),
        cell(run.changed, figures=True, wide_only=True),
        cell(run.withdrawn, figures=True, wide_only=True),
        cell(run.rejected, figures=True, wide_only=True),
        cell(run.took, figures=True, wide_only=True),
        cell(clock(run.created_at), figures=True),
    )
