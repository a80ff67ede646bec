"""The filters: each choice is an address, so the browser follows it without asking the server."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.catalogue_panel import Bar, Choice
from components.catalogue.shown import Shown
from components.place_box import place_box
from components.ui import (
    button,
    classes,
    either,
    facet_group,
    facet_panel,
    facet_row,
    icon,
    link,
    quiet,
    skeleton,
)
from state.catalogue import CatalogueState
from state.catalogue_place import CataloguePlaceState


def filters(of: Shown = CatalogueState) -> rx.Component:
    """Return the filters of what is shown, shapes of them until the first answer is there."""
    return facet_panel(
        rx.cond(of.phase == "loading", _waiting(), _groups(of)),
        active=rx.Var.create(of.found.chips).length(),
    )


def _groups(of: Shown) -> rx.Component:
    panel = of.panel
    return rx.fragment(
        _boxes("Supplier", "supplier", panel.suppliers),
        _categories(of),
        rx.cond(
            # Of a day that no snapshot shows nobody knows the stock.
            panel.in_stock.label != "",
            facet_group(_box(panel.in_stock), title="Availability", data_testid="facet-stock"),
        ),
        _place(of) if of is CatalogueState else rx.fragment(),
        _prices(of),
        _boxes("Brand", "brand", panel.brands),
    )


def _boxes(title: str, name: str, choices: tuple[Choice, ...]) -> rx.Component:
    return rx.cond(
        rx.Var.create(choices).length() > 0,
        facet_group(rx.foreach(choices, _box), title=title, data_testid=f"facet-{name}"),
    )


def _box(choice: ObjectVar[Choice] | Choice) -> rx.Component:
    return facet_row(
        choice.label,
        choice.count,
        checked=choice.chosen,
        on_change=rx.redirect(choice.href),
    )


def _categories(of: Shown) -> rx.Component:
    """Return the tree: the way to the chosen category, and what is one step below it."""
    panel = of.panel
    return rx.cond(
        (rx.Var.create(panel.trail).length() > 0) | (rx.Var.create(panel.categories).length() > 0),
        facet_group(
            rx.foreach(panel.trail, _step),
            rx.foreach(panel.categories, _branch),
            title="Category",
            data_testid="facet-category",
        ),
    )


def _step(choice: ObjectVar[Choice]) -> rx.Component:
    return link(
        rx.cond(choice.chosen, icon("check", 14), icon("chevron-left", 14)),
        rx.el.span(choice.label, class_name="facet-name clip"),
        href=choice.href,
        aria_current=rx.cond(choice.chosen, "true", "false"),
        class_name=classes("facet-row facet-link", either(choice.chosen, "facet-link-on")),
    )


def _branch(choice: ObjectVar[Choice]) -> rx.Component:
    return link(
        rx.el.span(choice.label, class_name="facet-name clip"),
        rx.el.span(choice.count, class_name="facet-count"),
        href=choice.href,
        class_name="facet-row facet-link",
    )


def _place(of: Shown) -> rx.Component:
    """Return where a store is to have it in stock: a place, and how far from there."""
    distances = rx.Var.create(of.panel.distances)
    return facet_group(
        place_box(CataloguePlaceState, name="catalogue-place", value=of.panel.place),
        rx.cond(
            distances.length() > 0,
            rx.el.nav(
                rx.foreach(of.panel.distances, _distance),
                aria_label="Distance",
                class_name="place-distances",
            ),
        ),
        title="In stock near",
        data_testid="facet-place",
    )


def _distance(choice: ObjectVar[Choice]) -> rx.Component:
    return link(
        rx.cond(choice.chosen, icon("check", 14)),
        rx.el.span(choice.label, class_name="facet-name"),
        rx.el.span(choice.count, class_name="facet-count"),
        href=choice.href,
        aria_current=rx.cond(choice.chosen, "true", "false"),
        data_testid="place-distance",
        class_name=classes("facet-row facet-link", either(choice.chosen, "facet-link-on")),
    )


def _prices(of: Shown) -> rx.Component:
    price = of.panel.price
    currencies = rx.Var.create(of.panel.currencies)
    return rx.cond(
        price.currency != "",
        facet_group(
            rx.cond(
                currencies.length() > 0,
                rx.el.nav(
                    rx.foreach(of.panel.currencies, _currency),
                    aria_label="Currency",
                    class_name="segmented segmented-wide",
                ),
            ),
            rx.cond(
                rx.Var.create(price.bars).length() > 0,
                rx.el.div(
                    rx.el.div(rx.foreach(price.bars, _bar), class_name="price-bars"),
                    rx.el.div(quiet(price.low), quiet(price.high), class_name="spread"),
                ),
            ),
            _price_form(of),
            title="Price",
            data_testid="facet-price",
        ),
    )


def _currency(choice: ObjectVar[Choice]) -> rx.Component:
    return link(
        choice.label,
        href=choice.href,
        title=f"{choice.count} products",
        aria_current=rx.cond(choice.chosen, "true", "false"),
        class_name=classes("segment", either(choice.chosen, "segment-on")),
    )


def _bar(bar: ObjectVar[Bar]) -> rx.Component:
    return link(
        rx.el.span(
            class_name=classes("price-bar", either(bar.inside, "price-bar-in")),
            custom_attrs={"style": {"--height": f"{bar.height}%"}},
        ),
        href=bar.href,
        title=bar.label,
        aria_label=bar.label,
        # Twenty stops between two filters would be a trap; the fields do the same by keyboard.
        tab_index=-1,
        class_name="price-bar-link",
    )


def _price_form(of: Shown) -> rx.Component:
    price = of.panel.price
    return rx.el.form(
        _price_field(of, "least", "From", price.least),
        _price_field(of, "most", "To", price.most),
        button("Apply", type="submit", size="small"),
        rx.cond(
            of.price_problem != "",
            rx.el.p(of.price_problem, role="alert", class_name="field-error"),
        ),
        on_submit=of.set_price,
        # Drawn anew when another price is chosen: the fields then hold that one.
        key=f"{price.currency} {price.least} {price.most}",
        class_name="price-form",
    )


def _price_field(of: Shown, name: str, label: str, value: rx.Var[str] | str) -> rx.Component:
    sign = of.panel.price.sign
    return rx.el.input(
        name=name,
        id=f"price-{name}",
        default_value=value,
        placeholder=f"{label} {sign}",
        aria_label=f"{label}, in {sign}",
        input_mode="decimal",
        auto_complete="off",
        class_name="input",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        *(
            rx.el.div(
                skeleton(width="40%"),
                *(skeleton(width=width) for width in ("85%", "70%", "78%", "60%")),
                class_name="facet facet-waiting",
            )
            for _ in range(4)
        ),
        aria_hidden="true",
    )
