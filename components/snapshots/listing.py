"""The list of snapshots."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.snapshot_text import SnapshotRow
from components.snapshots.words import cancel_button, chain_badge, snapshot_state, take_button
from components.ui import (
    Column,
    card,
    cell,
    clock,
    empty_state,
    error_state,
    link,
    link_button,
    pagination,
    row,
    skeleton_rows,
    table,
    two_lines,
)
from state.snapshots import SnapshotsPageState

_COLUMNS: list[Column | str] = [
    "Snapshot",
    "State",
    Column("Chain", wide_only=True),
    Column("Products", figures=True, wide_only=True),
    Column("Size", figures=True, wide_only=True),
    Column("Taken", figures=True, wide_only=True),
    # On a phone the snapshot's own page has it.
    Column("What can be done", figures=True, hidden_title=True, wide_only=True),
]


def snapshots_list() -> rx.Component:
    """Return the list in whatever state it is."""
    is_fresh = rx.Var.create(rx.State.is_hydrated) & (SnapshotsPageState.phase == "shown")
    return rx.cond(
        SnapshotsPageState.phase == "failed",
        error_state(text=SnapshotsPageState.problem),
        rx.cond(
            is_fresh & (rx.Var.create(SnapshotsPageState.rows).length() == 0),
            empty_state(
                icon="camera",
                title="No snapshot was taken yet",
                text="A snapshot keeps what every product costs now, and proves it later.",
                action=take_button("Snapshot everything", variant="primary"),
            ),
            _table(is_fresh),
        ),
    )


def _table(is_fresh: rx.Var[bool]) -> rx.Component:
    return rx.fragment(
        card(
            table(
                _COLUMNS,
                rx.cond(
                    is_fresh,
                    rx.foreach(SnapshotsPageState.rows, _row),
                    skeleton_rows(6, len(_COLUMNS)),
                ),
                label="Snapshots",
            ),
            flush=True,
        ),
        rx.cond(
            (SnapshotsPageState.next_href != "") | (SnapshotsPageState.first_href != ""),
            pagination(
                previous_href=SnapshotsPageState.first_href, next_href=SnapshotsPageState.next_href
            ),
        ),
    )


def _row(snapshot: ObjectVar[SnapshotRow]) -> rx.Component:
    return row(
        cell(
            two_lines(link(snapshot.title, href=snapshot.href, class_name="row-link"), snapshot.by)
        ),
        cell(snapshot_state(snapshot)),
        cell(chain_badge(snapshot), wide_only=True),
        cell(snapshot.rows, figures=True, wide_only=True),
        cell(snapshot.size, figures=True, wide_only=True),
        cell(clock(snapshot.at), figures=True, wide_only=True),
        cell(
            rx.cond(
                snapshot.is_readable,
                link_button(
                    "Download",
                    href=f"{snapshot.href}/download",
                    outside=True,
                    size="small",
                    icon="download",
                    aria_label=f"Download {snapshot.title}",
                    data_testid="snapshot-download",
                ),
                cancel_button(snapshot),
            ),
            figures=True,
            wide_only=True,
        ),
        data_testid="snapshot-row",
    )
