"""The way around: the side on a desk, the bar at the bottom on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import reflex as rx

from components.ui import classes, count, either, icon, icon_button, link
from state.basket import BasketBadgeState
from state.session import SessionState


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: `key` is what pages call themselves, `letter` follows `g` on the keyboard."""

    key: str
    text: str
    href: str
    icon: str
    letter: str


CATALOGUE: Final = Place("catalogue", "Catalogue", "/", "search", "c")
ORDERS: Final = Place("orders", "Orders", "/orders", "package", "o")
BASKET: Final = Place("basket", "Basket", "/basket", "shopping-basket", "b")
HEALTH: Final = Place("admin", "Health", "/admin", "activity", "a")
MAILBOX: Final = Place("mailbox", "Mailbox", "/mailbox", "inbox", "m")


def _entry(place: Place, active: rx.Var[str], *beside: rx.Component) -> rx.Component:
    return rx.el.li(
        link(
            icon(place.icon),
            rx.el.span(place.text, class_name="nav-text"),
            *beside,
            href=place.href,
            title=place.text,
            aria_current=rx.cond(active == place.key, "page", "false"),
            data_go=place.letter,
            class_name="nav-item",
        )
    )


@rx.memo
def side(active: rx.Var[str]) -> rx.Component:
    """Return the navigation at the left; it folds to its icons and remembers it."""
    return rx.el.aside(
        link(
            rx.el.span("a", class_name="brand-mark", aria_hidden="true"),
            rx.el.span("AnythingYouWantt", class_name="nav-text"),
            href="/",
            class_name="brand",
            aria_label="AnythingYouWantt, to the catalogue",
        ),
        rx.el.nav(
            rx.el.ul(_entry(CATALOGUE, active), _entry(ORDERS, active), class_name="nav-list"),
            rx.cond(
                SessionState.is_operator | SessionState.sees_mailbox,
                rx.el.div(
                    rx.el.h2("Operations", class_name="nav-heading"),
                    rx.el.ul(
                        rx.cond(SessionState.is_operator, _entry(HEALTH, active)),
                        rx.cond(SessionState.sees_mailbox, _entry(MAILBOX, active)),
                        class_name="nav-list",
                    ),
                ),
            ),
            aria_label="Main",
        ),
        icon_button(
            "panel-left",
            "Fold or unfold the navigation",
            data_folds="",
            class_name="side-fold",
            size="small",
        ),
        class_name="side",
    )


@rx.memo
def bottom_bar(active: rx.Var[str]) -> rx.Component:
    """Return the same places for a thumb, shown on a phone only."""
    return rx.el.nav(
        rx.el.ul(
            _entry(CATALOGUE, active),
            _entry(ORDERS, active),
            _entry(
                BASKET,
                active,
                rx.cond(BasketBadgeState.count > 0, count(BasketBadgeState.count, tone="info")),
            ),
            rx.cond(SessionState.sees_mailbox, _entry(MAILBOX, active)),
            rx.cond(SessionState.is_operator, _entry(HEALTH, active)),
            # Who looks decides how many stand here: nothing is shown that would move aside.
            class_name=classes("bottom-list", either(SessionState.loaded, "", "bottom-unknown")),
        ),
        aria_label="Main",
        class_name="bottom-bar",
    )
