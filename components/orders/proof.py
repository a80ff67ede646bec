"""What an order cost when it was placed, and what proves that."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.ordering import DispatchView, OrderLineView
from app.views.snapshot_text import SnapshotRow
from components.ui import card, clock, copy_button, money, quiet, text_link
from state.order import OrderPageState


def proof_card() -> rx.Component:
    """Return each line's price point, and the snapshots before and after with their hashes."""
    proofs = rx.Var.create(OrderPageState.proofs)
    return card(
        rx.el.ul(rx.foreach(OrderPageState.order.dispatches, _part), class_name="bullets"),
        rx.cond(
            proofs.length() > 0,
            rx.el.ul(rx.foreach(OrderPageState.proofs, _snapshot), class_name="bullets"),
            rx.el.p("No snapshot of the whole catalogue is kept yet.", class_name="quiet"),
        ),
        title="What it cost when ordered",
        class_name="stack-card",
        data_testid="order-proof",
    )


def _part(part: ObjectVar[DispatchView]) -> rx.Component:
    return rx.fragment(rx.foreach(part.lines, _line))


def _line(line: ObjectVar[OrderLineView]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.name),
        money(line.price, strong=True),
        quiet(f"price point {line.price_point_id}"),
    )


def _snapshot(snapshot: ObjectVar[SnapshotRow]) -> rx.Component:
    placed_at = rx.Var.create(OrderPageState.order.placed_at).to(str)
    was_before = snapshot.at.to(str) <= placed_at
    return rx.el.li(
        quiet(rx.cond(was_before, "Before", "After")),
        text_link(clock(snapshot.at, "moment"), href=snapshot.href),
        rx.el.span(
            rx.el.span(snapshot.root_hash, class_name="mono"),
            copy_button(snapshot.root_hash, "Copy the hash"),
            class_name="cluster",
        ),
    )
