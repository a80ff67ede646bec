"""Where the order goes, whom to ask, and the one button."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar

from app.services.ordering import countries
from app.views.ordering import AddressView, BasketGroup
from components.basket.ways import some_parts_are_delivered, ways
from components.ui import (
    button,
    card,
    classes,
    either,
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


# The button stands outside the form: Enter in a quantity must not place the order.
_FORM: Final = "checkout"


def checkout() -> rx.Component:
    """Return the form below the lines."""
    return rx.cond(CheckoutState.is_ready, _form(), _waiting())


def _waiting() -> rx.Component:
    return card(*(skeleton("100%", "var(--control)") for _ in range(4)), class_name="stack-card")


def _form() -> rx.Component:
    return rx.el.form(
        card(_destination(), title="Where it goes"),
        card(_questions(), title="What the suppliers should know"),
        rx.el.input(type="hidden", name="request_key", value=CheckoutState.request_key),
        # Our sentences stand beside the fields; the browser's bubbles would cover them.
        no_validate=True,
        on_submit=CheckoutState.submit,
        id=_FORM,
        aria_label="Where it goes and whom to ask",
        class_name="stack",
    )


def _destination() -> rx.Component:
    is_new = CheckoutState.ship_to == NEW_ADDRESS
    return rx.el.div(
        ways(),
        # Only out of sight where nothing is delivered: what was typed stays.
        rx.el.div(
            _addresses(),
            rx.cond(is_new, _new_address()),
            class_name=classes("stack", either(some_parts_are_delivered(), "", "gone")),
        ),
        class_name="stack",
    )


def _addresses() -> rx.Component:
    is_new = CheckoutState.ship_to == NEW_ADDRESS
    return rx.cond(
        rx.Var.create(CheckoutState.addresses).length() > 0,
        rx.el.fieldset(
            rx.el.legend("Saved addresses", class_name="unseen"),
            rx.foreach(CheckoutState.addresses, _saved),
            _choice(rx.el.span("Another address"), value=NEW_ADDRESS, is_on=is_new),
            class_name="choices",
        ),
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
        _address_field("Recipient", "recipient", start.recipient, auto_complete="name"),
        _address_field("Street and number", "street", start.street, auto_complete="street-address"),
        _address_field("Postcode", "postcode", start.postcode, auto_complete="postal-code"),
        _address_field("City", "city", start.city, auto_complete="address-level2"),
        select(
            label="Country",
            name="country",
            options=_countries(),
            error=_error("country"),
            default_value=start.country,
            auto_complete="country",
        ),
        class_name="field-grid",
    )


def _address_field(label: str, name: str, start: str, **props: Any) -> rx.Component:
    return text_field(label=label, name=name, error=_error(name), default_value=start, **props)


def _questions() -> rx.Component:
    return rx.el.div(
        text_field(
            label="Whom to ask",
            name="contact",
            hint="A name, a number or an address for questions",
            error=_error("contact"),
            default_value=CheckoutState.contact,
        ),
        text_field(
            label="Your reference",
            name="reference",
            optional=True,
            hint="Stands on every purchase order",
            error=_error("reference"),
        ),
        text_area(label="Note", name="note", optional=True, error=_error("note")),
        class_name="field-grid",
    )


def _error(field: str) -> rx.Var[str]:
    return rx.Var.create(CheckoutState.errors).to(dict[str, str]).get(field, "").to(str)


def summary() -> rx.Component:
    """Return what the order costs and the button that places it."""
    basket = BasketState.basket
    return card(
        rx.el.dl(rx.foreach(basket.groups, _subtotal), class_name="sums"),
        rx.el.div(
            rx.el.span("Total", class_name="line-first"),
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
            form=_FORM,
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
                "Each supplier gets one mail, and replies come to you.",
            ),
            id="place-order-reason",
            class_name="quiet",
        ),
        title="Your order",
        class_name="order-spine stack-card",
    )


def _subtotal(group: ObjectVar[BasketGroup]) -> rx.Component:
    return rx.el.div(rx.el.dt(group.supplier), rx.el.dd(group.subtotal), class_name="spread")
