"""The price over time: a price holds until the next, so the line goes in steps."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent
from reflex_base.vars.base import Var
from reflex_components_recharts import cartesian, charts, general

from components.ui.tokens import SIZE
from state.product import ProductState

_DAY = Var(
    _js_expr="(at) => new Date(at).toLocaleDateString(undefined, {day: 'numeric', month: 'short'})"
)
_MOMENT = Var(
    _js_expr="(at) => new Date(at).toLocaleString(undefined,"
    " {dateStyle: 'medium', timeStyle: 'short'})"
)
_FIGURE = Var(_js_expr="(price) => price.toLocaleString()")
_QUIET = {"fill": "var(--ink-third)", "fontSize": "var(--text-small)"}
_FLOATING = {
    "background": "var(--raised)",
    "border": "var(--hairline) solid var(--line)",
    "borderRadius": "var(--radius)",
    "boxShadow": "var(--shadow)",
    "fontSize": "var(--text-table)",
}


# Reflex fetches a whole chart lazily, but its parts with the page: a third of all that the page
# weighs. With every part lazy too, only a product whose price has changed fetches the library.
# The names stay, because a chart knows its parts by them.
class ResponsiveContainer(NoSSRComponent, general.ResponsiveContainer):
    """What measures the place for the chart."""


class LineChart(charts.LineChart):
    """The chart, without the container that Reflex would put around it with the page."""

    @classmethod
    def alone(cls, *children: Any, **props: Any) -> rx.Component:
        """Return the chart itself."""
        return super(charts.ChartBase, cls).create(*children, **props)


class Line(NoSSRComponent, cartesian.Line):
    """The line."""


class XAxis(NoSSRComponent, cartesian.XAxis):
    """The axis of time."""


class YAxis(NoSSRComponent, cartesian.YAxis):
    """The axis of prices."""


class CartesianGrid(NoSSRComponent, cartesian.CartesianGrid):
    """The lines behind."""


class GraphingTooltip(NoSSRComponent, general.GraphingTooltip):
    """What the pointer shows."""


def price_history() -> rx.Component:
    """Return the chart of the product's prices in its currency."""
    product = ProductState.product
    return rx.el.div(
        ResponsiveContainer.create(
            LineChart.alone(
                CartesianGrid.create(vertical=False, stroke="var(--line-soft)"),
                XAxis.create(
                    data_key="at",
                    type_="number",
                    scale="time",
                    domain=["dataMin", "dataMax"],
                    tick_formatter=_DAY.to(rx.vars.FunctionVar),
                    tick_line=False,
                    axis_line=False,
                    min_tick_gap=40,
                    tick=_QUIET,
                ),
                YAxis.create(
                    domain=["auto", "auto"],
                    tick_formatter=_FIGURE.to(rx.vars.FunctionVar),
                    tick_line=False,
                    axis_line=False,
                    width=56,
                    tick=_QUIET,
                ),
                GraphingTooltip.create(
                    is_animation_active=False,
                    content_style=_FLOATING,
                    cursor={"stroke": "var(--line-strong)"},
                    custom_attrs={"labelFormatter": _MOMENT, "formatter": _FIGURE},
                ),
                Line.create(
                    data_key="price",
                    name=product.currency,
                    type_="stepAfter",
                    stroke="var(--accent)",
                    stroke_width=2,
                    dot=False,
                    is_animation_active=False,
                ),
                data=rx.Var.create(product.plot).to(list[dict[str, float]]),
                margin={"top": 8, "right": 8, "bottom": 0, "left": 0},
            ),
            width="100%",
            height=int(SIZE["chart"].removesuffix("px")),
        ),
        role="img",
        aria_label=f"Price of {product.card.name} over time",
        class_name="price-history",
    )
