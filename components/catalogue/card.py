"""One product in a list, as a card or as a row."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.cards import Card
from components.catalogue.picture import IN_A_CARD, IN_A_ROW, picture
from components.ui import (
    badge,
    button,
    cell,
    link,
    money,
    quiet,
    row,
    sparkline,
    stock_badge,
    two_lines,
)
from state.basket import BasketState


def product_card(product: ObjectVar[Card], *, on_top: rx.Var[bool] | bool = False) -> rx.Component:
    """Return a card: the whole of it leads to the product, the button in it adds one piece.

    The picture of one that stands `on_top` of its page does not wait until it is seen.
    """
    return _card(product, _add(product), on_top=on_top)


def past_card(product: ObjectVar[Card]) -> rx.Component:
    """Return the same of a product as it was: it leads there, and cannot be ordered."""
    return _card(product, below=_mark(product))


def _card(
    product: ObjectVar[Card],
    *acts: rx.Component,
    on_top: rx.Var[bool] | bool = False,
    below: rx.Component | None = None,
) -> rx.Component:
    return rx.el.article(
        link(
            picture(product.picture, sizes=IN_A_CARD, eager=on_top),
            rx.el.span(
                rx.el.span(product.name, class_name="product-name", data_testid="product-name"),
                quiet(product.supplier, class_name="product-supplier clip"),
                rx.el.span(
                    rx.el.span(
                        money(product.price, strong=True, data_testid="product-price"),
                        _change(product),
                        class_name="product-price",
                    ),
                    _trend(product),
                    class_name="spread",
                ),
                *((below,) if below is not None else ()),
                class_name="product-facts",
            ),
            href=product.href,
            data_testid="product-card",
            class_name="product-link",
        ),
        rx.cond(
            product.stock != "",
            rx.el.div(
                stock_word(product.stock, product.stock_tone),
                *acts,
                class_name="product-foot",
            ),
        ),
        class_name="product-card",
    )


def product_row(product: ObjectVar[Card]) -> rx.Component:
    """Return the same as a table row."""
    return row(
        _named(product),
        cell(stock_word(product.stock, product.stock_tone), wide_only=True),
        cell(_trend(product), wide_only=True, class_name="trend-column"),
        cell(_change(product), figures=True, wide_only=True, class_name="change-column"),
        cell(money(product.price, strong=True, data_testid="product-price"), figures=True),
        cell(_add(product), figures=True),
    )


def past_row(product: ObjectVar[Card]) -> rx.Component:
    """Return a product as it was as a table row."""
    return row(
        _named(product),
        cell(
            rx.cond(product.stock != "", stock_word(product.stock, product.stock_tone)),
            wide_only=True,
        ),
        cell(
            two_lines(money(product.price, strong=True, data_testid="product-price"), product.mark),
            figures=True,
        ),
    )


def _mark(product: ObjectVar[Card]) -> rx.Component:
    """Return who says that it cost this, where that is not the same for all."""
    return rx.cond(
        product.mark != "", quiet(product.mark, class_name="clip", data_testid="price-source")
    )


def _named(product: ObjectVar[Card]) -> rx.Component:
    return cell(
        rx.el.div(
            picture(product.picture, sizes=IN_A_ROW, class_name="product-thumb"),
            two_lines(
                link(
                    rx.el.span(product.name, data_testid="product-name"),
                    href=product.href,
                    data_testid="product-card",
                    class_name="row-link",
                ),
                rx.cond(
                    product.brand != "",
                    f"{product.brand} · {product.supplier}",
                    product.supplier,
                ),
            ),
            class_name="product-cell",
        )
    )


def stock_word(word: rx.Var[str] | str, tone: rx.Var[str] | str) -> rx.Component:
    """Return the stock as a badge; that a supplier does not say is neither good nor bad."""
    return rx.cond(
        rx.Var.create(tone).to(str) == "unknown",
        badge(word, icon="circle-help"),
        stock_badge(word, rx.Var.create(tone).to(str)),
    )


def _change(product: ObjectVar[Card]) -> rx.Component:
    return rx.cond(product.change != "", badge(product.change, product.change_tone))


def _trend(product: ObjectVar[Card]) -> rx.Component:
    return rx.cond(product.trend != "", sparkline(product.trend, label="Trend of the price"))


def _add(product: ObjectVar[Card]) -> rx.Component:
    return button(
        "Add",
        icon="plus",
        size="small",
        aria_label=f"Add {product.name} to the basket",
        on_click=BasketState.add(product.id),
        data_testid="add-to-basket-card",
    )
