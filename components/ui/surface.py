"""Cards, sections and page headings: what belongs together."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.classes import classes

Words = str | rx.Var[str] | rx.Component


def card(
    *children: Any,
    title: Words | None = None,
    aside: Any = None,
    flush: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a card with a hairline.

    `title` and `aside` (badges, buttons, a quiet text) make its head; `flush` leaves the padding
    to the content, as a table needs it.
    """
    head = (
        ()
        if title is None and aside is None
        else (
            rx.el.header(
                rx.el.h2(title, class_name="card-title") if title is not None else rx.el.span(),
                *(() if aside is None else (rx.el.div(aside, class_name="card-aside"),)),
                class_name="card-head",
            ),
        )
    )
    return rx.el.section(
        *head,
        *children if flush else (rx.el.div(*children, class_name="card-body"),),
        class_name=classes("card", props.pop("class_name", "")),
        **props,
    )


def section(*children: Any, title: Words, aside: Any = None, **props: Any) -> rx.Component:
    """Return a part of a page under its own heading, without a frame."""
    return rx.el.section(
        rx.el.header(
            rx.el.h2(title, class_name="section-title"),
            *(() if aside is None else (rx.el.div(aside, class_name="card-aside"),)),
            class_name="section-head",
        ),
        *children,
        class_name=classes("section", props.pop("class_name", "")),
        **props,
    )


def page_head(
    title: Words,
    *beside: Any,
    actions: tuple[Any, ...] = (),
    lead: Words | None = None,
    **props: Any,
) -> rx.Component:
    """Return the head of a page: the title, what stands beside it, actions at the right.

    `lead` is the one sentence below that says how things are and what happens next.
    """
    return rx.el.header(
        rx.el.div(
            rx.el.h1(title, class_name="page-title"),
            *beside,
            class_name="page-name",
        ),
        *(() if not actions else (rx.el.div(*actions, class_name="page-actions"),)),
        *(() if lead is None else (rx.el.p(lead, class_name="page-lead"),)),
        class_name=classes("page-head", props.pop("class_name", "")),
        **props,
    )


def tile(
    question: Words,
    answer: rx.Component,
    note: Words,
    *,
    href: str | rx.Var[str] | None = None,
    trend: Any = None,
    **props: Any,
) -> rx.Component:
    """Return a tile of the dashboard: a question, its answer as a badge, the figure, the way on."""
    from components.ui.button import link  # noqa: PLC0415 - buttons know the surfaces' classes

    inside = (
        rx.el.h3(question, class_name="tile-question"),
        rx.el.div(answer, *(() if trend is None else (trend,)), class_name="spread"),
        rx.el.p(note, class_name="tile-note"),
    )
    name = classes("card tile", props.pop("class_name", ""))
    if href is None:
        return rx.el.section(*inside, class_name=name, **props)
    return link(*inside, href=href, class_name=name, **props)
