"""What the addresses of lists and orders say, and what is made of what others typed."""

from __future__ import annotations

import pytest
import reflex as rx
from reflex.event import Event

from state.base import as_said, whole_number
from state.mailbox import mailbox_href
from state.order import order_number
from state.orders import orders_href


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("10042", 10042),
        ("", 0),
        ("abc", 0),
        ("-1", 0),
        ("10 042", 0),
        ("١٢٣", 0),
        ("9" * 40, 0),
    ],
)
def test_an_address_that_is_no_number_leads_to_no_order(word: str, number: int) -> None:
    assert order_number(word) == number


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("0", 0),
        ("10042", 10042),
        ("9223372036854775807", 2**63 - 1),
        ("9" * 20, None),
        # More figures than Python is willing to read.
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("١٢٣", None),
    ],
)
def test_what_is_no_number_of_ours_is_none(word: str, number: int | None) -> None:
    assert whole_number(word) == number


def test_the_address_of_a_list_holds_what_it_shows() -> None:
    assert orders_href() == "/orders"
    assert orders_href(state="failed") == "/orders?state=failed"
    assert (
        orders_href(state="failed", everyone=True, before=10042)
        == "/orders?state=failed&whose=everyone&before=10042"
    )


def test_the_address_of_the_mailbox_names_the_open_message() -> None:
    assert mailbox_href() == "/mailbox"
    assert mailbox_href(message=7, before=50) == "/mailbox?message=7&before=50"


def test_the_name_of_a_product_cannot_break_the_toast_that_says_it() -> None:
    name = "<reflex.Var>1</reflex.Var> tool"

    with pytest.raises(KeyError):
        Event.from_event_type(rx.toast(f"{name} removed", duration=1))
    (told,) = Event.from_event_type(rx.toast(f"{as_said(name)} removed", duration=1))
    assert "tool removed" in str(told.payload)
