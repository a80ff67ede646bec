"""The administration page."""

from __future__ import annotations

import reflex as rx

from components.admin.answers import answers
from components.admin.feeds import feeds, runs
from components.admin.letters import dead_letters
from components.frame import loads, page
from components.ui import error_state, quiet
from state.admin import AdminState


@rx.page(route="/admin", title="Is anything wrong now?", on_load=loads(AdminState.watch))
def admin() -> rx.Component:
    """Answers, and what they are about."""
    return page(
        rx.cond(
            AdminState.phase == "failed",
            error_state(text=AdminState.problem),
            rx.el.div(answers(), dead_letters(), feeds(), runs(), class_name="dashboard"),
        ),
        title="Is anything wrong now?",
        active="admin",
        actions=(quiet("live"),),
    )
