"""The frame of every page: navigation, search, basket, account, and the place for the content."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.frame.maintenance import maintenance_bar
from components.frame.navigation import bottom_bar, side
from components.frame.overlay import look
from components.frame.palette import palette
from components.frame.shortcuts import shortcuts
from components.frame.top import top_bar
from components.ui import breadcrumbs as draw_breadcrumbs
from components.ui import classes, empty_state, link_button, outside_link, page_head
from state.frame import FrameState
from state.session import SessionState

__all__ = ["loads", "look", "page"]

Active = Literal["catalogue", "stores", "orders", "snapshots", "basket", "admin", "mailbox", ""]


def _forbidden() -> rx.Component:
    return empty_state(
        icon="lock",
        title="This page is not yours to see",
        text="Your account has no right to it. Ask an administrator if you need it.",
        action=link_button("Go to the catalogue", href="/"),
        whole_page=True,
        role="alert",
    )


def loads(*handlers: Any) -> list[Any]:
    """Return the `on_load` of a page: what the frame shows, then the page's own `handlers`."""
    return [SessionState.load, FrameState.watch, *handlers]


def page(
    *children: Any,
    title: str | rx.Var[str] | None,
    active: Active = "",
    breadcrumbs: tuple[tuple[Any, str | None], ...] = (),
    beside: tuple[Any, ...] = (),
    actions: tuple[Any, ...] = (),
    lead: str | rx.Var[str] | rx.Component | None = None,
    class_name: str = "",
) -> rx.Component:
    """Return a whole page.

    `title` is its heading (None where the content draws its own with `page_head`), `beside` stands
    after it, `actions` at its right, `lead` is one sentence below. `breadcrumbs` are (text,
    address), the last one without an address. `active` is the place in the navigation.
    """
    head = () if title is None else (page_head(title, *beside, actions=actions, lead=lead),)
    content = rx.fragment(
        *((draw_breadcrumbs(*breadcrumbs),) if breadcrumbs else ()), *head, *children
    )
    return rx.el.div(
        outside_link("Skip to the content", href="#main", class_name="skip"),
        side(active=active),
        rx.el.div(
            top_bar(),
            maintenance_bar(),
            rx.el.main(
                rx.cond(
                    (SessionState.forbidden_path != "")
                    & (SessionState.forbidden_path == rx.State.router.url.path),
                    _forbidden(),
                    content,
                ),
                id="main",
                tab_index=-1,
                class_name=classes("content", class_name),
            ),
            class_name="frame-main",
        ),
        bottom_bar(active=active),
        shortcuts(),
        palette(),
        class_name="frame",
    )
