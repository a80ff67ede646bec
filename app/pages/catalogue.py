"""The catalogue."""

from __future__ import annotations

import reflex as rx


@rx.page(route="/", title="Catalogue")
def catalogue() -> rx.Component:
    """Search, filters and results."""
    return rx.el.h1("Catalogue")
