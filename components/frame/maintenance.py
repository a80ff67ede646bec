"""The bar that says on every page that nobody can change anything now."""

from __future__ import annotations

import reflex as rx

from components.ui import notice_bar
from state.frame import FrameState


@rx.memo
def maintenance_bar() -> rx.Component:
    """Return the bar, nothing while changes are possible."""
    return rx.cond(
        FrameState.is_read_only,
        notice_bar(
            "Changes are paused for maintenance. You can look at everything; what you change is "
            "refused until it is over.",
            tone="warn",
            icon="pause",
            data_testid="maintenance",
            class_name="notice-flush",
        ),
    )
