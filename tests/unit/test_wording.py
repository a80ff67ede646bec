"""What people typed: never a line break in a header, never text that turns around."""

from __future__ import annotations

import unicodedata
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.models.accounts import Person
from app.services.ordering.purchase_order import reply_address
from app.services.ordering.wording import one_line, several_lines

ANYTHING = st.text(st.characters(codec=None), max_size=200)


@given(ANYTHING)
def test_one_line_is_one_clean_line(value: str) -> None:
    kept = one_line(value, field="reference", limit=500)
    assert len(kept.splitlines()) <= 1
    assert kept == kept.strip()
    assert not {unicodedata.category(part) for part in kept} & {"Cc", "Cs", "Zl", "Zp"}
    kept.encode()


@given(ANYTHING)
def test_several_lines_keep_their_breaks_and_nothing_else(value: str) -> None:
    kept = several_lines(value, field="note", limit=500)
    assert not {unicodedata.category(part) for part in kept.replace("\n", "")} & {"Cc", "Cs"}
    kept.encode()


@given(ANYTHING)
def test_no_name_gets_into_the_address_of_a_reply(name: str) -> None:
    person = Person(issuer="i", subject="s", email="ada@buyers.example", name=name)
    assert parseaddr(reply_address(person))[1] == "ada@buyers.example"


def test_limits_are_said_with_their_figures() -> None:
    with pytest.raises(BadInput, match="The note has 2,001 characters; at most 2,000"):
        several_lines("x" * 2001, field="note", limit=2000)
    with pytest.raises(BadInput, match="Fill in the street"):
        one_line(" \t", field="street", limit=10, required=True)
