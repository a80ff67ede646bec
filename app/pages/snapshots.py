"""The list of snapshots, and one of them."""

from __future__ import annotations

import reflex as rx

from components.frame import loads, page
from components.snapshots.listing import snapshots_list
from components.snapshots.page import snapshot_page, snapshot_title
from components.snapshots.words import take_button
from components.ui import link_button
from state.snapshot import SnapshotState
from state.snapshots import SnapshotsPageState


@rx.page(route="/snapshots", title="Snapshots", on_load=loads(SnapshotsPageState.watch))
def snapshots() -> rx.Component:
    """Every snapshot that one may see, newest first."""
    return page(
        snapshots_list(),
        title="Snapshots",
        active="snapshots",
        actions=(
            link_button("Compare two", href="/snapshots/compare", icon="git-compare"),
            take_button("Take snapshot"),
        ),
        lead="The catalogue as it was: unchangeable copies, each bound to the one before.",
    )


@rx.page(
    route="/snapshots/[id]",
    title=snapshot_title(),
    on_load=loads(SnapshotState.watch, SnapshotState.load),
)
def snapshot() -> rx.Component:
    """One snapshot: the catalogue as it was."""
    return page(
        snapshot_page(),
        title=None,
        active="snapshots",
        breadcrumbs=(("Snapshots", "/snapshots"), (snapshot_title(), None)),
    )
