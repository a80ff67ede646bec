"""The bar at the top: search, basket, and who one is."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex_base.style import color_mode, set_color_mode

from components.frame.palette import THEMES
from components.ui import (
    avatar,
    count,
    icon,
    icon_button,
    key_hint,
    link,
    link_button,
    outside_link,
)
from state.catalogue import SearchState
from state.frame import FrameState
from state.session import SessionState

# Long enough that a word typed at once is one question, short enough to feel immediate.
SEARCH_PAUSE_MS: Final = 150
_MENU: Final = "account-panel"


def _search() -> rx.Component:
    return rx.el.div(
        icon("search"),
        # What it shows is the browser's: an answer may be older than the last letters. `kit.js`
        # writes `data-says` into it unless somebody is typing there.
        rx.el.input(
            default_value=SearchState.q,
            data_says=SearchState.q,
            on_change=SearchState.search.debounce(SEARCH_PAUSE_MS),
            type="search",
            id="search",
            placeholder=SearchState.hint,
            aria_label="Search products",
            auto_complete="off",
            spell_check=False,
            max_length=1000,
            data_testid="search-box",
            class_name="search-input",
        ),
        key_hint("/"),
        role="search",
        class_name="search",
    )


def _basket() -> rx.Component:
    return link(
        icon("shopping-basket"),
        rx.el.span("Basket", class_name="top-text"),
        rx.cond(FrameState.basket_lines > 0, count(FrameState.basket_lines, tone="info")),
        href="/basket",
        data_testid="basket-link",
        data_go="b",
        class_name="button button-quiet button-normal top-item",
    )


def _sign_in() -> rx.Component:
    # The address of this page, so that one comes back to it.
    url = rx.State.router.url
    here = rx.cond(url.query != "", url.path + "?" + url.query, url.path)
    coded = rx.vars.FunctionStringVar.create("encodeURIComponent").call(here).to(str)
    return link_button(
        "Sign in",
        href="/auth/login?next=" + coded,
        variant="primary",
        outside=True,
        data_testid="sign-in",
    )


def _theme_choice() -> rx.Component:
    return rx.el.div(
        *(
            rx.el.button(
                icon(mark),
                text,
                type="button",
                aria_pressed=rx.cond(color_mode == mode, "true", "false"),
                on_click=set_color_mode(mode),
                class_name="segment",
            )
            for mode, text, mark in THEMES
        ),
        role="group",
        aria_label="Theme",
        class_name="segmented segmented-wide",
    )


def _account() -> rx.Component:
    return rx.fragment(
        rx.el.button(
            avatar(SessionState.name),
            rx.el.span(SessionState.name, class_name="top-text clip"),
            type="button",
            aria_label="Account: " + SessionState.name,
            custom_attrs={"popoverTarget": _MENU},
            data_testid="account-menu",
            class_name="button button-quiet button-normal top-item",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.div(SessionState.name, class_name="line-first"),
                rx.el.div(SessionState.email, class_name="line-second clip"),
                class_name="menu-head",
            ),
            rx.el.div(_theme_choice(), class_name="menu-part"),
            rx.el.button(
                icon("keyboard"),
                "Keyboard shortcuts",
                key_hint("?"),
                type="button",
                data_opens="shortcuts",
                class_name="menu-item",
            ),
            link(
                icon("monitor-x"),
                "Your sessions",
                href="/account/sessions",
                data_testid="sessions-link",
                class_name="menu-item",
            ),
            outside_link(icon("log-out"), "Sign out", href="/auth/logout", class_name="menu-item"),
            id=_MENU,
            custom_attrs={"popover": "auto"},
            class_name="menu",
        ),
    )


@rx.memo
def top_bar() -> rx.Component:
    """Return the top bar; what stands in it keeps its place while the visitor is still unknown."""
    return rx.el.header(
        _search(),
        rx.el.div(
            icon_button(
                "command",
                "Go to, find, do (Ctrl K)",
                data_opens="palette",
                data_testid="palette-open",
            ),
            _basket(),
            rx.cond(
                SessionState.loaded,
                rx.cond(SessionState.signed_in, _account(), _sign_in()),
                rx.el.span(class_name="skeleton top-unknown"),
            ),
            class_name="top-items",
        ),
        class_name="top",
    )
