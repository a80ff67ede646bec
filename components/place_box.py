"""A box for a place: typed, chosen among several of a name, or where the reader is."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import NumberVar, ObjectVar

from app.views.places import PlaceChoice
from components.ui import button, classes, icon, near_me, quiet
from state.places import PlaceBox

LABEL = "Town, postcode or address"


def place_box(
    of: type[PlaceBox],
    *,
    name: str,
    value: rx.Var[str] | str = "",
    label: str = LABEL,
    takes_slash: bool = False,
    **props: Any,
) -> rx.Component:
    """Return the box of a State that is a `PlaceBox`; `name` is unlike others on the page.

    `value` is the place that was chosen before. The key `/` leads to it with `takes_slash`.
    """
    problem = f"{name}-problem"
    return rx.el.div(
        rx.el.form(
            rx.el.input(
                id=name,
                name="place",
                default_value=value,
                # Drawn anew when another place is chosen: the field then holds that one.
                key=value,
                placeholder=label,
                aria_label=label,
                aria_describedby=problem,
                aria_invalid=rx.cond(of.place_problem != "", "true", "false"),
                max_length=200,
                # What a browser knows of the reader's own address is another matter.
                auto_complete="off",
                enter_key_hint="search",
                data_testid="place-box",
                class_name="input",
                custom_attrs={"data-searches": ""} if takes_slash else {},
            ),
            button("Find", type="submit", size="small"),
            on_submit=of.find_place,
            data_asks="",
            role="search",
            aria_label=label,
            class_name="place-ask",
        ),
        rx.el.p(of.place_problem, id=problem, role="alert", class_name="field-error"),
        rx.el.div(
            rx.cond(
                rx.Var.create(of.place_choices).length() > 0,
                rx.fragment(
                    quiet("Which one?"),
                    rx.el.ul(
                        rx.foreach(of.place_choices, lambda place, at: _choice(of, place, at)),
                        class_name="place-choices",
                    ),
                ),
            ),
            role="status",
        ),
        near_me(on_found=of.be_here),
        class_name=classes("place-box", props.pop("class_name", "")),
        **props,
    )


def _choice(of: type[PlaceBox], place: ObjectVar[PlaceChoice], at: NumberVar[int]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            icon("map-pin"),
            rx.el.span(place.name, class_name="clip"),
            quiet(place.note),
            type="button",
            on_click=of.choose_place(at),
            data_testid="place-choice",
            class_name="place-choice",
        )
    )
