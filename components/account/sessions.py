"""Where one is signed in: one row per browser, and a way to end each."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.sessions import SessionRow
from components.ui import (
    Column,
    badge,
    button,
    card,
    cell,
    clock,
    error_state,
    link_button,
    row,
    skeleton_rows,
    table,
    two_lines,
)
from state.sessions import SessionsPageState

_COLUMNS: list[Column | str] = [
    "Browser",
    Column("Signed in", figures=True, wide_only=True),
    Column("Last used", figures=True),
    Column("Sign out", hidden_title=True, figures=True),
]


def sign_out_everywhere() -> rx.Component:
    """Return the way to end all of them at once."""
    return link_button("Sign out everywhere", href="/auth/sign-out-everywhere", outside=True)


def sessions_list() -> rx.Component:
    """Return the table of browsers."""
    return rx.cond(
        SessionsPageState.phase == "failed",
        error_state(text=SessionsPageState.problem),
        card(
            table(
                _COLUMNS,
                rx.cond(
                    SessionsPageState.phase == "shown",
                    rx.foreach(SessionsPageState.rows, _row),
                    skeleton_rows(3, len(_COLUMNS)),
                ),
                label="Browsers you are signed in with",
            ),
            flush=True,
        ),
    )


def _row(session: ObjectVar[SessionRow]) -> rx.Component:
    return row(
        cell(two_lines(session.device, rx.cond(session.address != "", session.address, "unknown"))),
        cell(clock(session.opened_at), figures=True, wide_only=True),
        cell(clock(session.seen_at), figures=True),
        cell(
            rx.cond(
                session.is_this,
                badge("this browser", tone="info"),
                button(
                    "Sign out",
                    size="small",
                    on_click=SessionsPageState.end(session.id),
                    aria_label="Sign out of " + session.device.to(str),
                    data_testid="end-session",
                ),
            ),
            figures=True,
        ),
        data_testid="session-row",
    )
