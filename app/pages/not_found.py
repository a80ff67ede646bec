"""The page for an address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from components.frame import page
from components.ui import empty_state, link_button
from state.session import SessionState


@rx.page(route="404", title="Not found", on_load=SessionState.load)
def not_found() -> rx.Component:
    """Say so, and lead back."""
    return page(
        empty_state(
            icon="map-pin-off",
            title="There is nothing at this address",
            text="The link may be old, or a letter of it is missing. Search for what you need.",
            action=link_button("Go to the catalogue", href="/", icon="search"),
            whole_page=True,
        ),
        title=None,
    )
