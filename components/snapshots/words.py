"""What is said of a snapshot in more than one place: its state, how far it has come, its chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from app.views.days import FIRST_DAY
from app.views.looks import SNAPSHOT_LOOKS
from app.views.snapshot_text import SnapshotRow
from components.orders.words import state_badge
from components.ui import badge, button, quiet, skeleton, skeleton_cards
from state.catalogue_of_day import CatalogueOfDayState
from state.snapshots import SnapshotsPageState, TakeSnapshotState


def take_button(
    words: str | rx.Var[str], query: str | rx.Var[str] = "", **look: Any
) -> rx.Component:
    """Return the button that asks for a snapshot of what `query` finds."""
    return button(
        words,
        icon="camera",
        loading=TakeSnapshotState.is_busy,
        on_click=TakeSnapshotState.take(query),
        data_testid="take-snapshot",
        **look,
    )


def as_of(query: rx.Var[str] | str, day: rx.Var[str] | str = "") -> rx.Component:
    """Return the choice of a day on which to see what `query` finds."""
    return day_choice(lambda chosen: CatalogueOfDayState.look_back(chosen, query), day)


def day_choice(
    on_change: Callable[[rx.Var[str]], Any], day: rx.Var[str] | str = ""
) -> rx.Component:
    """Return the choice of a day as of which something is to be seen; `day` stands there first."""
    return rx.el.label(
        rx.el.span("As of", class_name="quiet"),
        rx.el.input(
            type="date",
            default_value=day,
            min=FIRST_DAY.isoformat(),
            on_change=on_change,
            class_name="input as-of",
            data_testid="as-of",
        ),
        class_name="cluster",
    )


def waiting() -> rx.Component:
    """Return what a page of the past shows until it is known what it shows."""
    return rx.el.div(
        rx.el.div(skeleton("16rem", "1.6rem"), skeleton("24rem"), class_name="stack-tight"),
        skeleton_cards(8),
        aria_busy="true",
        class_name="stack",
    )


def snapshot_state(snapshot: ObjectVar[SnapshotRow]) -> rx.Component:
    """Return the state; while it is captured, how far that has come as well."""
    return rx.el.div(
        state_badge(snapshot.state, SNAPSHOT_LOOKS, data_testid="snapshot-status"),
        rx.cond(snapshot.done != "", progress_line(snapshot)),
        rx.cond(
            snapshot.problem != "",
            quiet(snapshot.problem, class_name="clip", title=snapshot.problem),
        ),
        class_name="snapshot-state",
    )


def progress_line(snapshot: ObjectVar[SnapshotRow]) -> rx.Component:
    """Return a line that fills, and what it stands for."""
    return rx.el.span(
        rx.el.progress(
            value=f"{snapshot.progress}", max="100", aria_label="Captured", class_name="progress"
        ),
        quiet(snapshot.done),
        class_name="cluster",
    )


def chain_badge(snapshot: ObjectVar[SnapshotRow]) -> rx.Component:
    """Return whether the newest verification found it as it was stored."""
    return rx.cond(
        snapshot.chain != "",
        badge(
            snapshot.chain,
            snapshot.chain_tone,
            icon=snapshot.chain_icon,
            title=snapshot.damage,
        ),
    )


def cancel_button(snapshot: ObjectVar[SnapshotRow]) -> rx.Component:
    """Return the button that calls it off, for who may."""
    return rx.cond(
        snapshot.can_cancel,
        button(
            "Cancel",
            size="small",
            icon="ban",
            aria_label=f"Call off the snapshot of {snapshot.title}",
            on_click=SnapshotsPageState.cancel(snapshot.id),
        ),
    )
