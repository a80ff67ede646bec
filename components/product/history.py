"""The price over time: a price holds until the next, so the line goes in steps."""

from __future__ import annotations

import reflex as rx
from reflex.vars.base import Var

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
HEIGHT = 240


def price_history() -> rx.Component:
    """Return the chart of the product's prices in its currency."""
    chart = rx.recharts
    return rx.el.div(
        chart.line_chart(
            chart.cartesian_grid(vertical=False, stroke="var(--line-soft)"),
            chart.x_axis(
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
            chart.y_axis(
                domain=["auto", "auto"],
                tick_formatter=_FIGURE.to(rx.vars.FunctionVar),
                tick_line=False,
                axis_line=False,
                width=56,
                tick=_QUIET,
            ),
            chart.graphing_tooltip(
                is_animation_active=False,
                content_style=_FLOATING,
                cursor={"stroke": "var(--line-strong)"},
                custom_attrs={"labelFormatter": _MOMENT, "formatter": _FIGURE},
            ),
            chart.line(
                data_key="price",
                name=ProductState.product.currency,
                type_="stepAfter",
                stroke="var(--accent)",
                stroke_width=2,
                dot=False,
                is_animation_active=False,
            ),
            data=rx.Var.create(ProductState.product.plot).to(list[dict[str, float]]),
            width="100%",
            height=HEIGHT,
            margin={"top": 8, "right": 8, "bottom": 0, "left": 0},
        ),
        role="img",
        aria_label=f"Price of {ProductState.product.card.name} over time",
        class_name="price-history",
    )
