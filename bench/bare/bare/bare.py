"""Three pages, one state, three handlers that do nothing but change one var."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink


class BareState(rx.State):
    """A figure that a click raises, a text that follows an input, and how often a page opened."""

    clicks: int = 0
    typed: str = ""
    opened: int = 0

    @rx.event
    def click(self) -> None:
        """Count one click."""
        self.clicks += 1

    @rx.event
    def set_typed(self, text: str) -> None:
        """Repeat what was typed."""
        self.typed = text

    @rx.event
    def load(self) -> None:
        """Count one page opened."""
        self.opened += 1


@rx.page(route="/", title="Bare")
def bare() -> rx.Component:
    """A button with the figure, an input with its text, a link."""
    return rx.el.main(
        rx.el.button("Count", on_click=BareState.click, id="click"),
        rx.el.output(BareState.clicks, id="clicks"),
        rx.el.input(on_change=BareState.set_typed, id="type"),
        rx.el.output(BareState.typed, id="typed"),
        ReactRouterLink.create("Open", to="/opened", id="open"),
    )


@rx.page(route="/opened", title="Opened", on_load=BareState.load)
def opened() -> rx.Component:
    """What a page shows that its server fills when it opens."""
    return rx.el.main(rx.el.output(BareState.opened, id="opened"))


@rx.page(route="/held", title="Held")
def held() -> rx.Component:
    """Nothing but a figure of the state: what an open tab costs at least."""
    return rx.el.main(rx.el.output(BareState.clicks, id="clicks"))


app = rx.App()
