"""A snapshot that cannot be looked into: it is being taken, came to nothing, or is deleted."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.looks import SNAPSHOT_LOOKS
from app.views.snapshot_text import SnapshotRow
from components.orders.words import state_badge
from components.snapshots.words import cancel_button, snapshot_state, take_button
from components.ui import (
    card,
    copy_button,
    definition_list,
    empty_state,
    error_state,
    link_button,
    page_head,
)
from state.snapshot import SnapshotState


def shown_snapshot() -> ObjectVar[SnapshotRow]:
    """Return the snapshot on screen."""
    return rx.Var.create(SnapshotState.snapshot).to(SnapshotRow)


def hash_shown(value: rx.Var[str] | str) -> rx.Component:
    """Return a hash that can be copied."""
    return rx.el.span(
        rx.el.span(value, class_name="mono"),
        copy_button(value, "Copy the hash"),
        class_name="cluster",
    )


def not_stored() -> rx.Component:
    """Return how far it has come, or why it came to nothing."""
    snapshot = shown_snapshot()
    again = rx.el.div(
        take_button("Take it again", snapshot.query, variant="primary"),
        link_button("See the snapshots", href="/snapshots"),
        class_name="cluster",
    )
    return rx.cond(
        snapshot.is_open,
        rx.fragment(
            page_head(snapshot.title, snapshot_state(snapshot), actions=(cancel_button(snapshot),)),
            empty_state(
                icon="camera",
                title="It is being taken",
                text="You may leave: a mail comes when it is stored. It opens here by itself.",
            ),
        ),
        rx.match(
            snapshot.state,
            (
                "cancelled",
                _ended(
                    empty_state(
                        icon="ban",
                        title="It was called off",
                        text="Nothing is kept of it.",
                        action=again,
                    )
                ),
            ),
            (
                "failed",
                _ended(
                    error_state(title="It came to nothing", text=snapshot.problem, action=again)
                ),
            ),
            _deleted(),
        ),
    )


def _ended(why: rx.Component) -> rx.Component:
    snapshot = shown_snapshot()
    return rx.fragment(page_head(snapshot.title, state_badge(snapshot.state, SNAPSHOT_LOOKS)), why)


def _deleted() -> rx.Component:
    """Return what stays of one that was deleted: its link of the chain."""
    snapshot = shown_snapshot()
    return rx.fragment(
        page_head(snapshot.title),
        empty_state(
            icon="archive",
            title="It is not kept any more",
            text="Its retention has ended and its files are deleted. Its link of the chain stays.",
            action=link_button("See the snapshots", href="/snapshots"),
        ),
        card(
            definition_list(
                ("Taken", snapshot.taken),
                ("Products", snapshot.rows),
                ("Link of the chain", snapshot.position),
                ("Root hash", hash_shown(snapshot.root_hash)),
                class_name="near",
            ),
            title="What stays of it",
        ),
    )
