"""The address of a list says exactly what is asked of it, whatever that is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Text

from app.errors import BadInput
from app.services.rooms.cursors import Cursor, open_cursor
from app.views.room_query import OWN_WORDS, RoomQuery, clean, detail_address
from state.rooms import asked_room

TEXT = st.text(max_size=60).map(clean)
KEY = st.from_regex(r"[a-z][a-z-]{0,11}", fullmatch=True)
FILTERS = st.dictionaries(
    KEY.filter(lambda key: key not in OWN_WORDS), TEXT.filter(bool), max_size=4
).map(lambda found: tuple(sorted(found.items())))
PLACE = st.from_regex(r"[A-Za-z0-9_-]{0,20}", fullmatch=True)
# A name as long as a feed may have it, of letters that take four bytes each.
LONG_NAME = "\N{MUSICAL SYMBOL G CLEF}" * 500


@st.composite
def queries(draw: st.DrawFn) -> RoomQuery:
    after = draw(PLACE)
    return RoomQuery(
        q=draw(TEXT),
        filters=draw(FILTERS),
        sort=draw(st.one_of(st.just(""), KEY, KEY.map(lambda key: f"-{key}"))),
        after=after,
        before="" if after else draw(PLACE),
        columns=tuple(draw(st.lists(KEY, max_size=4))),
    )


@given(queries())
def test_an_address_is_read_back_as_the_question_it_was_made_of(query: RoomQuery) -> None:
    assert RoomQuery.parse(query.render()) == query


def test_the_place_beside_a_row_of_a_long_name_is_read_back() -> None:
    place = Cursor("stores:name", LONG_NAME, 7)
    for query in (RoomQuery(after=place.seal()), RoomQuery(before=place.seal())):
        read = RoomQuery.parse(query.render())
        found = open_cursor(
            read.after or read.before, sort=place.sort, value=Text(), key=BigInteger()
        )
        assert found == place


@given(st.text(max_size=300))
def test_any_address_is_a_question_and_its_own_form_is_stable(address: str) -> None:
    query = RoomQuery.parse(address)
    assert RoomQuery.parse(query.render()) == query


@given(queries(), KEY.filter(lambda key: key not in OWN_WORDS), TEXT)
def test_a_filter_starts_the_list_anew(query: RoomQuery, key: str, value: str) -> None:
    wanted = query.with_filter(key, value)
    assert not wanted.after
    assert not wanted.before
    assert dict(wanted.filters).get(key, "") == value
    assert (wanted.sort, wanted.columns, wanted.q) == (query.sort, query.columns, query.q)


@given(KEY, st.text(min_size=1, max_size=40))
def test_a_row_is_found_by_its_address_whatever_its_key(room: str, key: str) -> None:
    assert asked_room(detail_address(room, key)) == (room, key)


@given(
    st.one_of(st.none(), st.text(max_size=20).filter(lambda text: "\x00" not in text)),
    st.integers(-(2**63), 2**63 - 1),
)
def test_a_place_is_read_back_as_it_was_sealed(value: str | None, key: int) -> None:
    place = Cursor("jobs:name", value, key)
    assert open_cursor(place.seal(), sort="jobs:name", value=Text(), key=BigInteger()) == place


@given(st.text(max_size=80))
def test_no_text_that_is_not_a_place_opens_as_one(sealed: str) -> None:
    with pytest.raises(BadInput, match="does not exist any more"):
        open_cursor(sealed, sort="jobs:name", value=Text(), key=BigInteger())


@pytest.mark.parametrize(
    "place",
    [
        Cursor("jobs:queue", "a", 1),
        Cursor("jobs:name", 5, 1),
        Cursor("jobs:name", "a\x00b", 1),
        Cursor("jobs:name", "a", "x"),
        Cursor("jobs:name", "a", None),
        Cursor("jobs:name", "a", 2**63),
        Cursor("jobs:name", ["a"], 1),
        Cursor("jobs:name", {"a": 1}, 1),
    ],
    ids=str,
)
def test_a_place_that_was_tampered_with_is_refused(place: Cursor) -> None:
    with pytest.raises(BadInput, match="does not exist any more"):
        open_cursor(place.seal(), sort="jobs:name", value=Text(), key=BigInteger())
