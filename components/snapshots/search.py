"""The search box of a page of the past."""

from __future__ import annotations

import reflex as rx

from components.ui import icon
from state.catalogue_of_day import CatalogueOfDayState
from state.snapshot import SnapshotState


def search_box(of: type[SnapshotState | CatalogueOfDayState], words: str) -> rx.Component:
    """Return the box that searches what `of` shows; `words` say so in it."""
    return rx.el.form(
        icon("search", 16),
        rx.el.input(
            name="q",
            default_value=of.found.text,
            key=of.found.text,
            placeholder=words,
            aria_label=words,
            auto_complete="off",
            type="search",
            class_name="input",
            data_testid="snapshot-search",
        ),
        on_submit=of.search,
        role="search",
        class_name="room-search",
    )
