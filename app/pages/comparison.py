"""Two snapshots compared."""

from __future__ import annotations

import reflex as rx

from components.comparison.page import comparison
from components.frame import loads, page
from state.comparison import ComparisonPageState
from state.comparison_taking import ComparisonTakingState


@rx.page(
    route="/snapshots/compare",
    title="Compare snapshots",
    on_load=loads(ComparisonPageState.watch, ComparisonTakingState.load),
)
def compare_snapshots() -> rx.Component:
    """What two snapshots say differently."""
    return page(
        comparison(),
        title="Compare snapshots",
        active="snapshots",
        breadcrumbs=(("Snapshots", "/snapshots"), ("Compare", None)),
    )
