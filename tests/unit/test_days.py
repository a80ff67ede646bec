"""Days to narrow a list by: what is picked is read back as it was, and what is none is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.views.days import Days

END = st.one_of(st.just(""), st.dates().map(str))


@given(END, END)
def test_picked_days_are_read_back_unless_they_are_none_or_the_wrong_way_round(
    first: str, last: str
) -> None:
    written = Days.between(first, last)
    if not first and not last:
        assert written == ""
    elif first and last and last < first:
        with pytest.raises(BadInput, match="comes before"):
            Days.parse(written)
    else:
        assert Days.parse(written).ends == (first, last)


def test_one_day_is_itself_and_an_end_may_be_open() -> None:
    day = date(2026, 11, 20)
    assert Days.parse("2026-11-20") == Days(day, day)
    assert Days.parse("2026-11-20..") == Days(day, None)
    assert Days.parse("..2026-11-20") == Days(None, day)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-01..2026-11-20", "2026-11-01 to 2026-11-20"),
        ("2026-11-01..", "since 2026-11-01"),
        ("..2026-11-20", "until 2026-11-20"),
    ],
)
def test_days_are_said_as_one_says_them(value: str, read: str) -> None:
    assert str(Days.parse(value)) == read


@pytest.mark.parametrize("value", ["", "..", "yesterday", "2026-02-30", "2026-11-01..later"])
def test_what_is_no_day_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="is no day"):
        Days.parse(value)
