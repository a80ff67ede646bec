"""What belongs to the person who is signed in."""

from __future__ import annotations

import reflex as rx

from components.account.sessions import sessions_list, sign_out_everywhere
from components.frame import loads, page
from state.sessions import SessionsPageState


@rx.page(route="/account/sessions", title="Your sessions", on_load=loads(SessionsPageState.watch))
def sessions() -> rx.Component:
    """Every browser the person is signed in with."""
    return page(
        sessions_list(),
        title="Your sessions",
        lead="The browsers you are signed in with. Sign out of what you do not recognise.",
        actions=(sign_out_everywhere(),),
    )
