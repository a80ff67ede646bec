"""Where the order goes, whom to ask, and the one button."""

from __future__ import annotations

from functools import cache

import reflex as rx
from reflex.vars import ObjectVar

from app.services.ordering import countries
from app.views.ordering import AddressView
from components.ui import (
    button,
    card,
    icon_button,
    money,
    notice_bar,
    select,
    skeleton,
    text_area,
    text_field,
)
from state.basket import BasketState
from state.checkout import NEW_ADDRESS, CheckoutState


@cache
def _countries() -> list[tuple[str, str]]:
    return [("", "Choose a country"), *((each.code, each.name) for each in countries("en"))]


def checkout() -> rx.Component:
    """Return the form at the side of the basket."""
    return rx.cond(CheckoutState.is_ready, _form(), _waiting())


def _waiting() -> rx.Component:
    return card(*(skeleton("100%", "var(--control)") for _ in range(6)), class_name="stack-card")


def _form() -> rx.Component:
    return rx.el.form(
        card(_destination(), title="Where it goes"),
        card(_questions(), title="What the suppliers should know"),
        _summary(),
        rx.el.input(type="hidden", name="request_key", value=CheckoutState.request_key),
        # Our sentences stand beside the fields; the browser's bubbles would cover them.
        no_validate=True,
        on_submit=CheckoutState.submit,
        aria_label="Order",
        class_name="stack",
    )


def _destination() -> rx.Component:
    is_new = CheckoutState.ship_to == NEW_ADDRESS
    return rx.el.div(
        rx.cond(
            rx.Var.create(CheckoutState.addresses).length() > 0,
            rx.el.fieldset(
                rx.el.legend("Saved addresses", class_name="unseen"),
                rx.foreach(CheckoutState.addresses, _saved),
                _choice(rx.el.span("Another address"), value=NEW_ADDRESS, is_on=is_new),
                class_name="choices",
            ),
        ),
        rx.cond(is_new, _new_address()),
        class_name="stack",
    )


def _choice(
    *words: rx.Component, value: str | rx.Var[str], is_on: bool | rx.Var[bool]
) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="ship_to",
            value=value,
            checked=is_on,
            on_change=CheckoutState.choose_address(value),
            class_name="radio",
        ),
        *words,
        class_name="choice",
    )


def _saved(address: ObjectVar[AddressView]) -> rx.Component:
    return rx.el.div(
        _choice(
            rx.el.div(
                rx.el.div(address.recipient, class_name="line-first"),
                rx.el.div(
                    f"{address.street}, {address.postcode} {address.city}, {address.country_name}",
                    class_name="line-second",
                ),
            ),
            value=address.id,
            is_on=CheckoutState.ship_to == address.id,
        ),
        icon_button(
            "x",
            f"Forget {address.street}",
            size="small",
            on_click=CheckoutState.forget_address(address.id),
        ),
        class_name="spread",
    )


def _new_address() -> rx.Component:
    start = CheckoutState.suggestion
    return rx.el.div(
        text_field(
            label="Recipient",
            name="recipient",
            error=_error("recipient"),
            default_value=start.recipient,
            auto_complete="name",
        ),
        text_field(
            label="Street and number",
            name="street",
            error=_error("street"),
            default_value=start.street,
            auto_complete="street-address",
        ),
        rx.el.div(
            text_field(
                label="Postcode",
                name="postcode",
                error=_error("postcode"),
                default_value=start.postcode,
                auto_complete="postal-code",
            ),
            text_field(
                label="City",
                name="city",
                error=_error("city"),
                default_value=start.city,
                auto_complete="address-level2",
            ),
            class_name="field-pair",
        ),
        select(
            label="Country",
            name="country",
            options=_countries(),
            error=_error("country"),
            default_value=start.country,
            auto_complete="country",
        ),
        class_name="stack",
    )


def _questions() -> rx.Component:
    return rx.el.div(
        text_field(
            label="Whom to ask",
            name="contact",
            hint="A name, a telephone number or an address for questions.",
            error=_error("contact"),
            default_value=CheckoutState.contact,
        ),
        text_field(
            label="Your reference",
            name="reference",
            optional=True,
            hint="Stands on the purchase order and on the bill.",
            error=_error("reference"),
        ),
        text_area(label="Note", name="note", optional=True, error=_error("note")),
        class_name="stack",
    )


def _error(field: str) -> rx.Var[str]:
    return rx.Var.create(CheckoutState.errors).to(dict[str, str]).get(field, "").to(str)


def _summary() -> rx.Component:
    basket = BasketState.basket
    suppliers = rx.Var.create(basket.groups).length()
    return card(
        rx.el.div(
            rx.el.div(
                rx.el.span("Total", class_name="second"),
                rx.el.div(
                    rx.foreach(basket.totals, lambda amount: money(amount, strong=True)),
                    class_name="order-totals",
                ),
                class_name="spread",
            ),
            rx.cond(
                CheckoutState.problem != "",
                notice_bar(CheckoutState.problem, tone="bad", role="alert"),
            ),
            button(
                "Place order",
                type="submit",
                variant="primary",
                loading=CheckoutState.is_placing,
                disabled=~rx.Var.create(basket.can_order),
                aria_describedby="place-order-reason",
                data_testid="place-order",
                class_name="button-wide",
            ),
            rx.el.p(
                rx.cond(
                    basket.problem != "",
                    basket.problem,
                    rx.cond(
                        suppliers == 1,
                        "The supplier gets one mail; replies come to you.",
                        "Each supplier gets one mail; replies come to you.",
                    ),
                ),
                id="place-order-reason",
                class_name="quiet",
            ),
            class_name="stack-tight",
        )
    )
