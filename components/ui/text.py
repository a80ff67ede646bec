"""Words, figures and facts in the line: money, times, keys, definitions."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.classes import classes

Words = str | rx.Var[str]


def money(text: Words, *, strong: bool = False, **props: Any) -> rx.Component:
    """Return a formatted amount in tabular figures; the views format it."""
    return rx.el.span(
        text,
        class_name=classes("money", "money-strong" if strong else "", props.pop("class_name", "")),
        **props,
    )


def moment(shown: Words, exact: Words, **props: Any) -> rx.Component:
    """Return a short or relative time; the exact one stands in its title.

    Both texts come formatted in the reader's locale.
    """
    return rx.el.time(
        shown, title=exact, class_name=classes("moment", props.pop("class_name", "")), **props
    )


def quiet(*children: Any, **props: Any) -> rx.Component:
    """Return small text of third rank: a code, a hint, where something comes from."""
    return rx.el.span(*children, class_name=classes("quiet", props.pop("class_name", "")), **props)


def two_lines(first: Any, second: Any, **props: Any) -> rx.Component:
    """Return a cell of two lines: the name, and below it what tells it apart."""
    return rx.el.div(
        rx.el.div(first, class_name="line-first"),
        rx.el.div(second, class_name="line-second"),
        class_name=classes("two-lines", props.pop("class_name", "")),
        **props,
    )


def key_hint(*keys: Words, **props: Any) -> rx.Component:
    """Return the keys of a shortcut, pressed one after another."""
    return rx.el.span(
        *(rx.el.kbd(key, class_name="key") for key in keys),
        class_name=classes("keys", props.pop("class_name", "")),
        **props,
    )


def definition_list(*facts: tuple[Words, Any], **props: Any) -> rx.Component:
    """Return pairs of a term and what holds for it."""
    return rx.el.dl(
        *(
            rx.el.div(rx.el.dt(term), rx.el.dd(value), class_name="definition")
            for term, value in facts
        ),
        class_name=classes("definitions", props.pop("class_name", "")),
        **props,
    )


def definitions_of(facts: rx.Var[list[Any]], **props: Any) -> rx.Component:
    """Return the same for a Var: a list of (term, value) pairs of text."""
    return rx.el.dl(
        rx.foreach(
            facts,
            lambda fact: rx.el.div(rx.el.dt(fact[0]), rx.el.dd(fact[1]), class_name="definition"),
        ),
        class_name=classes("definitions", props.pop("class_name", "")),
        **props,
    )
