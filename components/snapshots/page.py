"""The page of one snapshot: what it is, how it is taken, and the products as they were."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.snapshot_text import FileText
from components.catalogue import filters, result_tools, results
from components.snapshots.search import search_box
from components.snapshots.taken import hash_shown, not_stored, shown_snapshot
from components.snapshots.words import (
    chain_badge,
    snapshot_state,
    waiting,
)
from components.ui import (
    card,
    clock,
    definition_list,
    empty_state,
    error_state,
    link_button,
    notice_bar,
    outside_link,
    page_head,
    quiet,
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
            ("taken", not_stored()),
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
            waiting(),
        ),
        waiting(),
    )


def _is_current() -> rx.Var[bool]:
    return _HERE.endswith("/" + rx.Var.create(SnapshotState.asked).to(str))


def _stored() -> rx.Component:
    snapshot = shown_snapshot()
    return rx.el.div(
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
    )


def _banner() -> rx.Component:
    """Return what must not be overlooked: these are no prices of today."""
    snapshot = shown_snapshot()
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
    snapshot = shown_snapshot()
    return card(
        definition_list(
            ("Products", snapshot.rows),
            ("Size", snapshot.size),
            ("Asked for by", snapshot.by),
            ("Link of the chain", snapshot.position),
            ("Root hash", hash_shown(snapshot.root_hash)),
            (
                "The one before",
                rx.cond(
                    snapshot.previous_root_hash != "",
                    hash_shown(snapshot.previous_root_hash),
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


def _file(file: ObjectVar[FileText]) -> rx.Component:
    return rx.el.li(
        outside_link(file.name, href=file.href, class_name="text-link"),
        quiet(f"{file.rows} products, {file.size}, SHA-256 "),
        rx.el.span(file.sha256, class_name="mono"),
    )
