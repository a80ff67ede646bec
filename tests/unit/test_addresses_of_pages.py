"""What the addresses of lists and orders say, and what is made of one that somebody typed."""

from __future__ import annotations

import pytest

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
