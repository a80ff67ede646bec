"""The page of one snapshot: what it is, how it is taken, and the products as they were."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.snapshot_text import FileText, SnapshotRow
from components.catalogue import filters, result_tools, results
from components.snapshots.search import search_box
from components.snapshots.words import cancel_button, chain_badge, snapshot_state
from components.ui import (
    card,
    clock,
    copy_button,
    definition_list,
    empty_state,
    error_state,
    link_button,
    notice_bar,
    outside_link,
    page_head,
    quiet,
    skeleton,
    skeleton_cards,
)
from state.snapshot import SnapshotState

_HERE = rx.Var("(globalThis.location?.pathname ?? '').replace(/[/]+$/, '')").to(str)


def snapshot_title() -> rx.Var[str]:
    """Return the page's title."""
    title = f"Snapshot of {SnapshotState.snapshot.taken}"
    is_stored = _is_current() & (SnapshotState.stage == "stored")
    return rx.Var.create(rx.cond(is_stored, title, "Snapshot")).to(str)


def snapshot_page() -> rx.Component:
    """Return the content of the page, whatever state it is in."""
    return rx.cond(
        _is_current(),
        rx.match(
            SnapshotState.stage,
            ("stored", _stored()),
            ("taken", _taken()),
            (
                "missing",
                empty_state(
                    icon="camera",
                    title="There is no such snapshot",
                    text="It was deleted by its retention, or somebody else has asked for it.",
                    action=link_button("See the snapshots", href="/snapshots"),
                ),
            ),
            ("failed", error_state(text=SnapshotState.problem)),
            _waiting(),
        ),
        _waiting(),
    )


def _is_current() -> rx.Var[bool]:
    return _HERE.endswith("/" + rx.Var.create(SnapshotState.asked).to(str))


def _snapshot() -> ObjectVar[SnapshotRow]:
    return rx.Var.create(SnapshotState.snapshot).to(SnapshotRow)


def _stored() -> rx.Component:
    snapshot = _snapshot()
    return rx.fragment(
        rx.el.div(
            filters(SnapshotState),
            rx.el.div(
                page_head(
                    snapshot.title,
                    snapshot_state(snapshot),
                    chain_badge(snapshot),
                    actions=(_download(),),
                ),
                _banner(),
                _search(),
                results(SnapshotState),
                _proof(),
                class_name="stack",
            ),
            class_name="with-facets",
        ),
    )


def _banner() -> rx.Component:
    """Return what must not be overlooked: these are no prices of today."""
    snapshot = _snapshot()
    return rx.fragment(
        notice_bar(
            rx.el.span(
                "The catalogue as it was on ",
                rx.el.strong(snapshot.taken),
                ". Prices and stock may be others today.",
            ),
            tone="warn",
            action=link_button("See it as it is now", href=f"/?{snapshot.query}", size="small"),
            data_testid="past-banner",
        ),
        rx.cond(snapshot.damage != "", notice_bar(snapshot.damage, tone="bad")),
    )


def _search() -> rx.Component:
    return rx.el.div(
        search_box(SnapshotState, "Search this snapshot"),
        result_tools(of=SnapshotState),
        class_name="spread snapshot-bar",
    )


def _download() -> rx.Component:
    href = SnapshotState.snapshot.href
    return rx.el.div(
        link_button(
            "CSV",
            href=f"{href}/csv",
            outside=True,
            icon="download",
            aria_label="Download as CSV",
            data_testid="snapshot-download-csv",
        ),
        link_button(
            "Parquet",
            href=f"{href}/download",
            outside=True,
            icon="download",
            aria_label="Download as Parquet",
            data_testid="snapshot-download",
        ),
        class_name="cluster",
    )


def _proof() -> rx.Component:
    """Return what it can be proved with: hashes, the chain, the files."""
    snapshot = _snapshot()
    return card(
        definition_list(
            ("Products", snapshot.rows),
            ("Size", snapshot.size),
            ("Asked for by", snapshot.by),
            ("Link of the chain", snapshot.position),
            ("Root hash", _hash(snapshot.root_hash)),
            (
                "The one before",
                rx.cond(
                    snapshot.previous_root_hash != "",
                    _hash(snapshot.previous_root_hash),
                    quiet("none: it is the first"),
                ),
            ),
            (
                "Verified",
                rx.cond(snapshot.verified_at, clock(snapshot.verified_at), quiet("not yet")),
            ),
            class_name="near",
        ),
        rx.el.ul(rx.foreach(SnapshotState.files, _file), class_name="bullets"),
        title="What proves it",
        class_name="stack-card",
        id="files",
    )


def _hash(value: rx.Var[str] | str) -> rx.Component:
    return rx.el.span(
        rx.el.span(value, class_name="mono"),
        copy_button(value, "Copy the hash"),
        class_name="cluster",
    )


def _file(file: ObjectVar[FileText]) -> rx.Component:
    return rx.el.li(
        outside_link(file.name, href=file.href, class_name="text-link"),
        quiet(f"{file.rows} products, {file.size}, SHA-256 "),
        rx.el.span(file.sha256, class_name="mono"),
    )


def _taken() -> rx.Component:
    """Return how far it has come, or why it came to nothing."""
    snapshot = _snapshot()
    return rx.fragment(
        page_head(snapshot.title, snapshot_state(snapshot), actions=(cancel_button(snapshot),)),
        rx.cond(
            snapshot.is_open,
            empty_state(
                icon="camera",
                title="It is being taken",
                text="You may leave: a mail comes when it is stored. It opens here by itself.",
            ),
            rx.cond(
                snapshot.state == "cancelled",
                empty_state(
                    icon="ban",
                    title="It was called off",
                    text="Nothing is kept of it.",
                    action=link_button("See the snapshots", href="/snapshots"),
                ),
                error_state(
                    title="It came to nothing",
                    text=snapshot.problem,
                    action=link_button("See the snapshots", href="/snapshots"),
                ),
            ),
        ),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.div(skeleton("16rem", "1.6rem"), skeleton("24rem"), class_name="stack-tight"),
        skeleton_cards(8),
        aria_busy="true",
        class_name="stack",
    )
