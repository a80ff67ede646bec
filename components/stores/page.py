"""The page of one store: where it is, when it is open, and what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import reflex as rx

from components.google_map import google_map
from components.stores.row import opening
from components.stores.shelves import shelves
from components.ui import (
    badge,
    card,
    classes,
    clock,
    either,
    empty_state,
    error_state,
    icon,
    link_button,
    notice_bar,
    outside_link,
    page_head,
    quiet,
    skeleton,
)
from state.store import StoreState

if TYPE_CHECKING:
    from reflex.vars import ObjectVar

    from app.views.store_hours_text import DayHours
    from app.views.store_text import StoreRow


def store_title() -> rx.Var[str]:
    """Return the name of the store on screen."""
    return rx.cond(StoreState.phase == "shown", StoreState.page.store.name, "Store")


def store_page() -> rx.Component:
    """Return the content of the page, whatever state it is in."""
    return rx.cond(
        StoreState.path == rx.State.router.url.path,
        rx.match(
            StoreState.phase,
            ("shown", _shown()),
            ("missing", _missing()),
            (
                "failed",
                error_state(
                    title="This store cannot be shown",
                    text="The stores cannot be read at the moment. Try again in a minute.",
                ),
            ),
            _waiting(),
        ),
        _waiting(),
    )


def _shown() -> rx.Component:
    page = StoreState.page
    return rx.el.div(
        page_head(
            page.store.name,
            rx.cond(page.withdrawn_at == "", opening(cast("ObjectVar[StoreRow]", page.store))),
            actions=(
                rx.cond(
                    page.has_place,
                    outside_link(
                        icon("route"),
                        "Directions",
                        href=page.store.directions,
                        target="_blank",
                        rel="noopener noreferrer",
                        data_testid="store-directions",
                        class_name="button button-secondary button-normal",
                    ),
                ),
            ),
            lead=rx.fragment(page.store.supplier, " · ", page.store.address),
        ),
        rx.cond(
            page.withdrawn_at != "",
            notice_bar(
                "The supplier withdrew this store ",
                clock(page.withdrawn_at),
                ". Nothing can be picked up there any more.",
                tone="warn",
                icon="archive",
                data_testid="withdrawn",
            ),
        ),
        rx.el.div(_place(), _hours(), class_name="store-page"),
        shelves(),
        class_name="stack",
    )


def _place() -> rx.Component:
    page = StoreState.page
    return card(
        rx.cond(
            page.has_place,
            rx.el.div(
                google_map(
                    label=f"{page.store.name} on a map",
                    marks=StoreState.marks,
                    camera=StoreState.camera,
                ),
                class_name="store-map",
            ),
            empty_state(
                icon="map-pin-off",
                title="This store needs a place",
                text="Its supplier gives no coordinates that can be used. The address is above.",
                data_testid="needs-a-place",
            ),
        ),
        flush=True,
    )


def _hours() -> rx.Component:
    page = StoreState.page
    return card(
        rx.cond(
            rx.Var.create(page.week).length() > 0,
            rx.el.dl(rx.foreach(page.week, _day), class_name="definitions store-week"),
            rx.cond(
                page.hours != "",
                rx.el.p(page.hours),
                quiet("Its supplier does not say when it is open."),
            ),
        ),
        rx.cond(
            rx.Var.create(page.services).length() > 0,
            rx.el.div(
                rx.el.h3("Services", class_name="field-label"),
                rx.el.ul(
                    rx.foreach(page.services, lambda service: rx.el.li(badge(service))),
                    class_name="cluster",
                ),
                class_name="store-services",
            ),
        ),
        title="Opening hours",
        aside=rx.cond(page.zone != "", quiet(page.zone)),
    )


def _day(day: ObjectVar[DayHours]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(day.day),
        rx.el.dd(day.hours, rx.cond(day.is_today, rx.el.span(" today", class_name="quiet"))),
        aria_current=rx.cond(day.is_today, "date", "false"),
        class_name=classes("definition", either(day.is_today, "store-today")),
    )


def _missing() -> rx.Component:
    return empty_state(
        icon="map-pin-off",
        title="There is no such store",
        text="The link may be old or mistyped.",
        action=link_button("See all stores", href="/stores", variant="primary"),
        whole_page=True,
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        skeleton(width="18rem", height="1.6em"),
        rx.el.div(
            rx.el.div(class_name="skeleton store-map"),
            rx.el.div(
                *(skeleton(width="100%") for _ in range(8)), class_name="card card-body stack-tight"
            ),
            class_name="store-page",
        ),
        role="status",
        aria_label="Loading the store",
        class_name="stack",
    )
