"""The result: how many there are, what narrows them, the products, and the way on."""

from __future__ import annotations

import reflex as rx
from reflex.vars import NumberVar, ObjectVar

from app.views.cards import Card
from app.views.catalogue_panel import Choice
from app.views.catalogue_query import Layout
from components.catalogue.card import past_card, past_row, product_card, product_row
from components.catalogue.on_map import beside_a_map
from components.catalogue.shown import Shown
from components.ui import (
    Column,
    card,
    chip,
    classes,
    clock,
    either,
    empty_state,
    error_state,
    icon,
    link,
    link_button,
    notice_bar,
    outside_link,
    pagination,
    quiet,
    select_button,
    skeleton,
    skeleton_cards,
    table,
)
from state.catalogue import CatalogueState

_COLUMNS: list[Column | str] = [
    "Product",
    Column("Stock", wide_only=True),
    Column("Trend", wide_only=True, class_name="trend-column"),
    Column("Change", figures=True, wide_only=True, class_name="change-column"),
    Column("Price", figures=True),
    Column("Add to the basket", figures=True, hidden_title=True),
]
_PAST_COLUMNS: list[Column | str] = [
    "Product",
    Column("Stock", wide_only=True),
    Column("Price", figures=True),
]
SKELETONS = 12
# So many cards stand beside each other on a desk.
FIRST_ROW = 4


def result_tools(*first: rx.Component, of: Shown = CatalogueState) -> rx.Component:
    """Return the order and the layout of the result, after what else can be done with it."""
    ways = of.ways
    return rx.el.div(
        # There from the start, so that nothing moves when the rest comes.
        *first,
        rx.cond(
            of.phase == "shown",
            rx.fragment(
                select_button(
                    label="Order",
                    options=rx.Var.create(ways.sorts),
                    icon="arrow-down-wide-narrow",
                    value=ways.sort_href,
                    on_change=rx.redirect,
                ),
                rx.el.nav(
                    _layout(of, "Cards", "layout-grid", ways.grid_href, Layout.GRID),
                    _layout(of, "Table", "rows-3", ways.table_href, Layout.TABLE),
                    _layout(of, "Map", "map", ways.map_href, Layout.MAP)
                    if of is CatalogueState
                    else rx.fragment(),
                    aria_label="Layout",
                    class_name="segmented",
                ),
            ),
            skeleton(width="13rem", height="var(--control-small)"),
        ),
        class_name="cluster result-tools" if first else "cluster",
    )


def _layout(
    of: Shown, words: str, mark: str, href: rx.Var[str] | str, layout: Layout
) -> rx.Component:
    is_on = of.ways.layout == layout
    return link(
        icon(mark),
        href=href,
        title=words,
        aria_label=words,
        aria_current=rx.cond(is_on, "true", "false"),
        replace=True,
        class_name=classes("segment", either(is_on, "segment-on")),
    )


def results(of: Shown = CatalogueState) -> rx.Component:
    """Return the result in whatever state it is; of the past nothing can be ordered."""
    return rx.cond(
        of.phase == "shown",
        _shown(of),
        rx.cond(of.phase == "failed", _failed(of), _waiting()),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.div(skeleton(width="9rem"), class_name="result-bar"),
        skeleton_cards(SKELETONS),
        role="status",
        aria_label="Loading products",
        class_name="stack",
    )


def _shown(of: Shown) -> rx.Component:
    found = of.found
    return rx.el.div(
        rx.el.div(
            rx.el.span(found.count, role="status", data_testid="result-count", class_name="found"),
            rx.cond(
                of.synced_at != "",
                quiet("prices of ", clock(of.synced_at)),
            ),
            rx.foreach(found.chips, _chip),
            rx.cond(
                rx.Var.create(found.chips).length() > 0,
                link_button("Clear", href=found.clear_href, variant="quiet", size="small"),
            ),
            class_name="result-bar",
        ),
        rx.cond(found.notice != "", notice_bar(found.notice, tone="warn")),
        rx.cond(
            found.corrected != "",
            rx.el.p(
                "Showing results for ",
                rx.el.strong(found.corrected),
                rx.el.span(f", nothing has “{found.text}”.", class_name="quiet"),
                data_testid="corrected",
            ),
        ),
        rx.cond(found.is_empty & (of.ways.layout != Layout.MAP), _nothing(of), _products(of)),
        # While the next answer is under way the present one stays, only paler.
        aria_busy=~rx.State.is_hydrated,
        class_name="stack results",
    )


def _chip(choice: ObjectVar[Choice]) -> rx.Component:
    return chip(choice.label, on_remove=rx.redirect(choice.href))


def _products(of: Shown) -> rx.Component:
    ways = of.ways
    is_now = of is CatalogueState
    listed = rx.fragment(
        rx.cond(
            ways.layout == Layout.TABLE,
            card(
                table(
                    _COLUMNS if is_now else _PAST_COLUMNS,
                    rx.foreach(of.cards, product_row if is_now else past_row),
                    label="Products",
                ),
                flush=True,
            ),
            rx.cond(
                of.found.is_empty,
                _nothing(of),
                rx.el.div(
                    rx.foreach(of.cards, _card if is_now else past_card), class_name="product-grid"
                ),
            ),
        ),
        rx.cond(
            (ways.previous_href != "") | (ways.next_href != ""),
            pagination(previous_href=ways.previous_href, next_href=ways.next_href),
        ),
    )
    return rx.cond(ways.layout == Layout.MAP, beside_a_map(listed), listed) if is_now else listed


def _card(product: ObjectVar[Card], place: NumberVar[int]) -> rx.Component:
    return product_card(product, on_top=place < FIRST_ROW)


def _nothing(of: Shown) -> rx.Component:
    found = of.found
    return rx.cond(
        rx.Var.create(found.chips).length() > 0,
        empty_state(
            icon="filter-x",
            title="No product fits all of this",
            text="Take back one of the filters above, or all of them.",
            action=link_button("Clear the filters", href=found.clear_href, variant="primary"),
        ),
        rx.cond(
            found.text != "",
            empty_state(
                icon="search-x",
                title=f"Nothing has “{found.text}”",
                text="Check the spelling, use fewer words, or the article number of the supplier.",
                action=link_button("See the whole catalogue", href=found.anew_href),
            ),
            _nothing_at_all(of),
        ),
    )


def _nothing_at_all(of: Shown) -> rx.Component:
    if of is not CatalogueState:
        return empty_state(
            icon="package-open",
            title="There was nothing then",
            text="No product that anything is known of was in the catalogue by that moment.",
            action=link_button("See the catalogue as it is now", href="/"),
        )
    return empty_state(
        icon="package-open",
        title="The catalogue is still empty",
        text="Products appear here as soon as the first feed has been synced.",
    )


def _failed(of: Shown) -> rx.Component:
    return error_state(
        title="The catalogue cannot be shown",
        text=of.problem,
        # An empty address is this very page, loaded anew.
        action=outside_link(
            icon("rotate-cw"), "Try again", href="", class_name="button button-secondary"
        ),
    )
