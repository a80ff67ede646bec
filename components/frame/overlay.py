"""What lies over every page: toasts, the lost connection, and a page that could not be drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary

from components.ui import error_state, link_button, spinner, toaster


def connection_bar() -> rx.Component:
    """Return the calm bar that shows while the server cannot be reached."""
    return rx.connection_banner(
        rx.el.div(
            spinner(),
            rx.el.span("Connection lost. Trying again; what you see may be out of date."),
            role="status",
            class_name="connection-bar",
        )
    )


def _broken_page() -> rx.Component:
    return rx.el.main(
        error_state(
            title="This page could not be drawn",
            text="The mistake is ours and has been noted. Load the page again; nothing was lost.",
            # An empty address is this very page, loaded anew.
            whole_page=True,
            action=link_button("Load again", icon="rotate-cw", href="", outside=True),
        ),
        class_name="lonely",
    )


def look() -> dict[str, Any]:
    """Return what `rx.App` needs to show the kit: stylesheet, script, toasts, overlays."""
    return {
        "stylesheets": ["/kit.css"],
        "head_components": [
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            rx.el.meta(name="color-scheme", content="light dark"),
            rx.el.script(src="/kit.js"),
        ],
        "toaster": toaster(),
        "app_wraps": {
            (55, "ErrorBoundary"): lambda _stateful: ErrorBoundary.create(
                fallback_render=_broken_page()
            ),
            (5, "Overlay"): lambda stateful: rx.fragment(connection_bar()) if stateful else None,
        },
    }
