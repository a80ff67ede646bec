"""The page of one day: the catalogue as it was, and where each answer comes from."""

from __future__ import annotations

import reflex as rx

from components.catalogue import filters, result_tools, results
from components.snapshots.search import search_box
from components.snapshots.words import as_of, waiting
from components.ui import (
    clock,
    empty_state,
    link_button,
    notice_bar,
    page_head,
    text_link,
)
from state.catalogue_of_day import CatalogueOfDayState

# The end of the address, known before anything is answered.
_DAY = rx.Var("(globalThis.location?.pathname ?? '').replace(/[/]+$/, '').split('/').pop()").to(str)
_QUERY = rx.Var("(globalThis.location?.search ?? '').slice(1)").to(str)


def day_title() -> rx.Var[str]:
    """Return the page's title."""
    title = f"The catalogue on {CatalogueOfDayState.day.title}"
    is_known = _is_current() & (CatalogueOfDayState.day.title != "")
    return rx.Var.create(rx.cond(is_known, title, "The catalogue on a past day")).to(str)


def day_page() -> rx.Component:
    """Return the content of the page, whatever state it is in."""
    return rx.cond(
        _is_current(),
        rx.cond(CatalogueOfDayState.phase == "missing", _missing(), _shown()),
        waiting(),
    )


def _is_current() -> rx.Var[bool]:
    return rx.Var.create(CatalogueOfDayState.asked).to(str) == _DAY


def _shown() -> rx.Component:
    return rx.el.div(
        filters(CatalogueOfDayState),
        rx.el.div(
            page_head(day_title(), actions=(as_of(_QUERY, _DAY),)),
            rx.cond(CatalogueOfDayState.phase == "shown", _banner()),
            rx.el.div(
                search_box(CatalogueOfDayState, "Search this day"),
                result_tools(of=CatalogueOfDayState),
                class_name="spread snapshot-bar",
            ),
            results(CatalogueOfDayState),
            class_name="stack",
        ),
        class_name="with-facets",
    )


def _banner() -> rx.Component:
    """Return what must not be overlooked: these are no prices of today, and who says so."""
    day = CatalogueOfDayState.day
    return notice_bar(
        rx.el.span(
            "What held at the end of ",
            rx.el.strong(day.title),
            " (UTC). Prices are those of the price history. ",
            rx.cond(
                day.snapshot_at != "",
                rx.fragment(
                    "Products and stock are those of the nearest snapshot, taken ",
                    text_link(clock(day.snapshot_at, "moment"), href=day.snapshot_href),
                    rx.cond(day.is_later, ", after that day: what came later is left out.", "."),
                ),
                "Products are those of today's catalogue that were known by then.",
            ),
            rx.foreach(day.remarks, lambda remark: rx.fragment(" ", remark)),
        ),
        tone="warn",
        icon="history",
        action=link_button("See it as it is now", href=f"/?{_QUERY}", size="small"),
        data_testid="past-banner",
    )


def _missing() -> rx.Component:
    return empty_state(
        icon="calendar-x",
        title="There is no such day to look back to",
        text="Choose a day from 2000 on that has begun.",
        action=link_button("Go to the catalogue", href="/", variant="primary"),
    )
