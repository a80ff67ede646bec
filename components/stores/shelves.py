"""What a store has in stock, by page and by word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reflex as rx

from components.catalogue.card import stock_word
from components.ui import (
    Column,
    button,
    card,
    cell,
    empty_state,
    link,
    link_button,
    money,
    pagination,
    quiet,
    row,
    table,
    two_lines,
)
from state.store import StoreState

if TYPE_CHECKING:
    from reflex.vars import ObjectVar

    from app.views.store_page_text import ShelfRow

_COLUMNS: list[Column | str] = [
    "Product",
    Column("Stock here", figures=True),
    Column("Price here", figures=True),
]


def shelves() -> rx.Component:
    """Return the list, or why there is nothing in it."""
    shown = StoreState.shelves
    return card(
        rx.cond(
            rx.Var.create(shown.rows).length() > 0,
            rx.fragment(
                table(_COLUMNS, rx.foreach(shown.rows, _product), label="What it has in stock"),
                rx.cond(
                    (shown.first_href != "") | (shown.next_href != ""),
                    pagination(
                        previous_href=shown.first_href,
                        next_href=shown.next_href,
                        class_name="card-foot",
                    ),
                ),
            ),
            rx.cond(
                shown.words != "",
                empty_state(
                    icon="search-x",
                    title=f"Nothing here has “{shown.words}”",
                    text="Use fewer words, or see all that this store has.",
                    action=link_button("See all", href=StoreState.path),
                ),
                empty_state(
                    icon="package-open",
                    title="Nothing in stock",
                    text="Its supplier lists no product that this store has.",
                ),
            ),
        ),
        title="In stock here",
        aside=rx.fragment(quiet(StoreState.page.products), _search()),
        flush=True,
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.input(
            name="words",
            type="search",
            default_value=StoreState.shelves.words,
            aria_label="Search what this store has",
            placeholder="Search here",
            auto_complete="off",
            max_length=200,
            data_searches="",
            data_testid="shelf-search",
            class_name="input store-search",
        ),
        button("Search", type="submit", size="small"),
        on_submit=StoreState.search,
        key=StoreState.shelves.words,
        role="search",
        class_name="cluster",
    )


def _product(product: ObjectVar[ShelfRow]) -> rx.Component:
    return row(
        cell(
            two_lines(link(product.name, href=product.href, class_name="row-link"), product.about)
        ),
        cell(stock_word(product.stock, product.stock_tone), figures=True),
        cell(money(product.price), figures=True),
        data_testid="shelf-row",
    )
