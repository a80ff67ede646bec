"""Two pages, one state, two handlers that do nothing but change one var."""

from __future__ import annotations

import reflex as rx


class BareState(rx.State):
    """A figure that a click raises and a text that follows an input."""

    clicks: int = 0
    typed: str = ""

    @rx.event
    def click(self) -> None:
        """Count one click."""
        self.clicks += 1

    @rx.event
    def set_typed(self, text: str) -> None:
        """Repeat what was typed."""
        self.typed = text


@rx.page(route="/", title="Bare")
def bare() -> rx.Component:
    """A button with the figure, an input with its text."""
    return rx.el.main(
        rx.el.button("Count", on_click=BareState.click, id="click"),
        rx.el.output(BareState.clicks, id="clicks"),
        rx.el.input(on_change=BareState.set_typed, id="type"),
        rx.el.output(BareState.typed, id="typed"),
    )


@rx.page(route="/held", title="Held")
def held() -> rx.Component:
    """Nothing but a figure of the state: what an open tab costs at least."""
    return rx.el.main(rx.el.output(BareState.clicks, id="clicks"))


app = rx.App()
