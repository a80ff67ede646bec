"""Delivered or picked up, supplier by supplier."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar
from reflex_base.vars import VarData

from app.views.pickup import BasketPart, PickupChoice
from components.ui import button, icon
from state.basket import BasketState
from state.checkout import CheckoutState
from state.pickup import PickupState

_PARTS = BasketState.basket.parts
_PICKUPS = CheckoutState.pickups


def some_parts_are_delivered() -> rx.Var[bool]:
    """Tell whether the order needs an address."""
    parts, pickups = rx.Var.create(_PARTS), rx.Var.create(_PICKUPS)
    return rx.Var(
        f"{parts!s}.some((part) => !(part.supplier_id in {pickups!s}))",
        # Reflex names it so for authors of components.
        _var_data=VarData.merge(parts._get_all_var_data(), pickups._get_all_var_data()),  # noqa: SLF001 - as said
    ).to(bool)


def ways() -> rx.Component:
    """Return for each supplier with stores whether its part is delivered or picked up.

    Also where the last store has gone after it was chosen: what is wrong is said there.
    """
    return rx.foreach(_PARTS, lambda part: rx.cond(part.has_stores | _is_chosen(part), _way(part)))


def _is_chosen(part: ObjectVar[BasketPart]) -> rx.Var[bool]:
    return rx.Var.create(_PICKUPS).contains(part.supplier_id.to(str))


def _way(part: ObjectVar[BasketPart]) -> rx.Component:
    key = part.supplier_id.to(str)
    chosen = rx.Var.create(_PICKUPS).to(dict[str, PickupChoice])[key].to(PickupChoice)
    is_picked_up = _is_chosen(part)
    problem = (
        rx.Var.create(CheckoutState.errors).to(dict[str, str]).get(f"pickup-{key}", "").to(str)
    )
    return rx.el.div(
        rx.el.span(part.supplier, id=f"way-{key}-name", class_name="way-name"),
        _choice(
            "Deliver",
            part=part,
            is_on=~is_picked_up,
            on_change=CheckoutState.deliver(part.supplier_id),
        ),
        _choice(
            "Pick up at a store",
            part=part,
            is_on=is_picked_up,
            on_change=PickupState.open(part.supplier_id),
            data_testid="pickup-open",
        ),
        rx.cond(is_picked_up, _chosen(part, chosen)),
        rx.el.p(
            rx.cond(problem != "", rx.fragment(icon("circle-alert", 14), problem), rx.fragment()),
            role="alert",
            class_name="field-error",
            data_testid="pickup-problem",
        ),
        role="radiogroup",
        aria_labelledby=f"way-{key}-name",
        class_name="way",
    )


def _chosen(part: ObjectVar[BasketPart], store: ObjectVar[PickupChoice]) -> rx.Component:
    return rx.el.div(
        icon("map-pin"),
        rx.el.div(
            rx.el.div(store.name, class_name="line-first"),
            rx.el.div(store.address, class_name="line-second"),
            class_name="grow",
        ),
        button(
            "Change",
            size="small",
            id=f"pickup-{part.supplier_id}",
            aria_label=f"Change the store of {part.supplier}",
            on_click=PickupState.open(part.supplier_id),
            data_testid="pickup-change",
        ),
        class_name="way-store",
        data_testid="pickup-chosen",
    )


def _choice(
    words: str,
    *,
    part: ObjectVar[BasketPart],
    is_on: rx.Var[bool],
    on_change: Any,
    **props: Any,
) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=f"way-{part.supplier_id}",
            checked=is_on,
            on_change=on_change,
            class_name="radio",
            **props,
        ),
        rx.el.span(words),
        class_name="choice",
    )
