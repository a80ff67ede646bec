"""Two snapshots side by side: the choice, the summary, the spread of prices, and every change."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar

from app.views.comparison_page import Tile
from components.comparison.changes import changes_list, options_of
from components.ui import (
    button,
    card,
    classes,
    either,
    empty_state,
    error_state,
    icon_button,
    link,
    link_button,
    notice_bar,
    quiet,
    select,
    skeleton,
)
from components.ui.bars import bars
from state.comparison import ComparisonPageState as Page

# Two to choose, below the words that say to choose one.
_PAIR: Final = 3


def comparison() -> rx.Component:
    """Return the page in whatever state it is."""
    return rx.el.div(
        _choice(),
        rx.match(
            Page.phase,
            ("choosing", _choose_first()),
            ("making", _progress()),
            ("shown", _shown()),
            (
                "refused",
                error_state(title="These cannot be compared", text=Page.problem),
            ),
            (
                "failed",
                error_state(
                    text=Page.problem,
                    action=button("Try again", on_click=Page.again, variant="primary"),
                ),
            ),
            _waiting(),
        ),
        class_name="comparison",
    )


def _choice() -> rx.Component:
    return rx.el.div(
        _snapshot("a", "First", Page.before),
        icon_button("arrow-left-right", "The other way round", on_click=Page.swap),
        _snapshot("b", "Second", Page.after),
        class_name="comparison-choice",
    )


def _snapshot(name: str, label: str, chosen: Any) -> rx.Component:
    return select(
        label=label,
        name=f"compare-{name}",
        options=options_of(Page.choices),
        value=chosen,
        on_change=lambda value: Page.choose(name, value),
        data_testid=f"compare-{name}",
    )


def _choose_first() -> rx.Component:
    return rx.cond(
        rx.Var.create(Page.choices).length() >= _PAIR,
        empty_state(
            icon="arrow-left-right",
            title="Choose two snapshots",
            text="You see what came, what went, and what every price did between them.",
        ),
        empty_state(
            icon="camera",
            title="There are no two snapshots yet",
            text="Take one now and another later: then they can be compared.",
            action=link_button("Go to the catalogue", href="/", variant="primary"),
        ),
    )


def _progress() -> rx.Component:
    return card(
        rx.el.p(Page.stage, role="status", data_testid="compare-progress"),
        rx.el.progress(
            value=f"{Page.progress}", max="100", aria_label="Done", class_name="progress"
        ),
        quiet("You can leave: it goes on, and is kept for good."),
        class_name="comparison-making",
        title="Comparing",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        *(skeleton(height="4.5rem") for _ in range(4)),
        aria_hidden="true",
        class_name="tile-grid",
    )


def _shown() -> rx.Component:
    page = Page.page
    return rx.fragment(
        rx.el.section(
            rx.el.p(page.sentence, class_name="comparison-sentence"),
            rx.foreach(page.notes, lambda note: notice_bar(note, tone="warn")),
            rx.cond(
                ~page.is_same,
                rx.el.div(rx.foreach(page.tiles, _tile), class_name="figure-grid"),
            ),
            aria_label="Summary",
            data_testid="compare-summary",
            class_name="comparison-summary",
        ),
        rx.cond(
            page.is_same,
            empty_state(
                icon="check",
                title="Nothing changed",
                text="Every product that both hold is the same in each of them.",
            ),
            rx.fragment(_prices(), changes_list()),
        ),
    )


def _tile(tile: ObjectVar[Tile]) -> rx.Component:
    inside = (
        rx.el.span(tile.figure, class_name="figure-value"),
        rx.el.span(tile.word, class_name="figure-word"),
    )
    return rx.cond(
        tile.href != "",
        link(
            *inside,
            href=tile.href.to(str),
            aria_current=rx.cond(tile.is_on, "true", "false"),
            class_name=classes("card figure-tile", either(tile.is_on, "figure-on")),
        ),
        rx.el.div(*inside, class_name="card figure-tile figure-none"),
    )


def _prices() -> rx.Component:
    page = Page.page
    return rx.cond(
        rx.Var.create(page.bars).length() > 0,
        card(
            bars(
                rx.Var.create(page.bars),
                label="Price changes by their size",
                data_testid="compare-spread",
            ),
            rx.el.ul(
                rx.foreach(page.prices, lambda sentence: rx.el.li(quiet(sentence))),
                class_name="comparison-prices",
            ),
            title="How prices changed",
        ),
    )
