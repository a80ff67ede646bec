"""Cursors: what was sealed opens again, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.services.catalogue.cursors import BrokenCursor, Cursor, instant, microseconds, open_cursor
from app.views.catalogue_query import CatalogueQuery, Sort

ids = st.integers(1, 2**63 - 1)
keys: dict[Sort, st.SearchStrategy[float | int | str]] = {
    Sort.BEST: st.floats(0, 2000),
    Sort.NEWEST: st.integers(0, 4 * 10**15),
    Sort.NAME: st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))),
    Sort.PRICE_UP: st.integers(0, 10**15),
    Sort.PRICE_DOWN: st.integers(0, 10**15),
}
cursors = st.sampled_from(Sort).flatmap(
    lambda sort: st.builds(Cursor, st.just(sort), keys[sort], ids, st.booleans())
)


@given(cursors)
def test_a_cursor_opens_in_its_own_order_alone(cursor: Cursor) -> None:
    assert open_cursor(cursor.seal(), cursor.sort) == cursor
    for other in set(Sort) - {cursor.sort}:
        with pytest.raises(BrokenCursor):
            open_cursor(cursor.seal(), other)


@given(cursors.filter(lambda cursor: len(cursor.seal()) <= 1000))
# The longest name a feed may have, of letters that take four bytes each.
@example(Cursor(Sort.NAME, "\N{MUSICAL SYMBOL G CLEF}" * 500, 2**63 - 1))
def test_a_cursor_travels_in_an_address(cursor: Cursor) -> None:
    query = CatalogueQuery(after=cursor.seal())
    assert CatalogueQuery.parse(query.render()).after == cursor.seal()


@given(st.text(max_size=200), st.sampled_from(Sort))
def test_any_other_text_is_refused_in_one_sentence(text: str, sort: Sort) -> None:
    with pytest.raises(BrokenCursor, match="here is the first one"):
        open_cursor(text, sort)


@pytest.mark.parametrize(
    "packed",
    [
        ["best", "1", 1, 0],
        ["best", 1.0, 0, 0],
        ["best", 1.0, 2**70, 0],
        ["best", 1.0, 1, 7],
        ["best", 1.0, 1],
        ["name", "a\x00", 1, 0],
        ["newest", 10**18, 1, 0],
        ["price-up", -1, 1, 0],
        ["price-up", True, 1, 0],
        {"best": 1},
        None,
    ],
)
def test_a_forged_cursor_is_refused(packed: object) -> None:
    import base64  # noqa: PLC0415 - this test forges what the code seals
    import json  # noqa: PLC0415 - the same

    sealed = base64.urlsafe_b64encode(json.dumps(packed).encode()).decode().rstrip("=")
    sort = Sort(packed[0]) if isinstance(packed, list) else Sort.BEST
    with pytest.raises(BrokenCursor):
        open_cursor(sealed, sort)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside
def test_a_moment_survives_to_the_microsecond(at: datetime) -> None:
    assert instant(microseconds(at)) == at
