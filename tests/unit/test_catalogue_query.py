"""The question to the catalogue and its one written form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.areas import MOST_KM, USUAL_KM, Circle, bounds_of, circle_at, in_words
from app.views.catalogue_query import (
    MAX_ID,
    MAX_PRICE,
    CatalogueQuery,
    Layout,
    Sort,
    clean,
)
from app.views.stores import Bounds, Point

words = st.text(max_size=60).map(clean)
latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
circles = st.builds(
    circle_at, st.builds(Point, latitudes, longitudes), st.integers(1, MOST_KM), words
)
views = st.tuples(latitudes, longitudes, latitudes, longitudes).map(
    lambda ends: bounds_of(min(ends[0], ends[2]), ends[1], max(ends[0], ends[2]), ends[3])
)
prices = st.none() | st.integers(0, MAX_PRICE)
queries = st.builds(
    CatalogueQuery,
    text=words,
    suppliers=st.frozensets(st.integers(1, MAX_ID), max_size=8).map(lambda ids: tuple(sorted(ids))),
    category=st.none() | st.integers(1, MAX_ID),
    brands=st.frozensets(words.filter(bool), max_size=8).map(lambda names: tuple(sorted(names))),
    price_min=prices,
    price_max=prices,
    currency=st.none() | st.sampled_from(["EUR", "SEK", "JPY"]),
    in_stock=st.booleans(),
    place=st.none() | circles | views,
    sort=st.none() | st.sampled_from(Sort),
    layout=st.sampled_from(Layout),
    after=st.none() | st.from_regex(r"[A-Za-z0-9_-]{1,80}", fullmatch=True),
)


@given(queries)
def test_a_question_comes_back_from_its_address(query: CatalogueQuery) -> None:
    assert CatalogueQuery.parse(query.render()) == query


@given(st.text(max_size=300))
def test_any_address_is_some_question_and_settles(query_string: str) -> None:
    once = CatalogueQuery.parse(query_string)
    assert CatalogueQuery.parse(once.render()) == once


@given(queries, st.integers(1, MAX_ID))
def test_choosing_twice_changes_nothing(query: CatalogueQuery, number: int) -> None:
    start = query.first_page()
    assert start.toggle_supplier(number).toggle_supplier(number) == start
    assert start.toggle_brand("Bosch").toggle_brand("Bosch") == start


@given(queries)
def test_every_other_choice_starts_from_the_first_page(query: CatalogueQuery) -> None:
    for other in (query.toggle_supplier(3), query.toggle_brand("x"), query.with_text("y")):
        assert other.after is None


def test_the_address_says_only_what_is_asked() -> None:
    assert CatalogueQuery().address() == "/"
    assert CatalogueQuery(text="café crème").address() == "/?q=caf%C3%A9+cr%C3%A8me"
    assert CatalogueQuery(suppliers=(1, 2), in_stock=True).render() == (
        "supplier=1&supplier=2&stock=1"
    )


def test_what_cannot_be_read_counts_as_not_given() -> None:
    query = CatalogueQuery.parse(
        "supplier=x&supplier=-1&supplier=0&supplier=99999999999&category=1.5&min=-3&max=1e3"
        "&currency=euro&stock=yes&sort=best%00&view=wall&unknown=1"
    )
    assert query == CatalogueQuery()


@pytest.mark.parametrize(
    "address",
    [
        "near=65.01",
        "near=65.01,25.4,3",
        "near=nan,inf",
        "near=1e1,2",
        "near=+1,2",
        "near=91,0",
        "near=0,-180.1",
        "near= 1,2",
        "near=1 ,2",
        "near=%D9%A1,2",
        "area=1,2,3",
        "area=10,0,-10,0",
        "area=-91,0,0,0",
        "within=10",
        "place=Oulu",
    ],
)
def test_a_place_that_is_none_counts_as_not_given(address: str) -> None:
    assert CatalogueQuery.parse(address) == CatalogueQuery()


@pytest.mark.parametrize("within", ["", "0", "501", "-5", "1.5", "10km", "9" * 5_000])
def test_a_distance_that_is_none_is_the_usual_one(within: str) -> None:
    place = CatalogueQuery.parse(f"near=65.01,25.47&within={within}").place
    assert place == Circle(Point(65.01, 25.47), USUAL_KM)


def test_a_place_is_short_in_the_address() -> None:
    exact = circle_at(Point(65.012345678, -0.00001), 10, "Oulu, FI")
    query = CatalogueQuery(place=exact)
    assert query.render() == "near=65.0123,0&within=10&place=Oulu,+FI"
    assert CatalogueQuery(place=bounds_of(-10, 170.00004, 10, -170)).render() == (
        "area=-10,170,10,-170"
    )


def test_a_place_that_goes_round_the_world_is_one() -> None:
    assert CatalogueQuery.parse("area=-10,170,10,-170").place == Bounds(-10, 170, 10, -170)


def test_a_place_is_said_in_words() -> None:
    assert in_words(circle_at(Point(65.01236, 25.47), 10)) == "within 10 km of 65.012, 25.470"
    assert in_words(circle_at(Point(65.01236, 25.47), 10, "Oulu")) == "within 10 km of Oulu"
    assert in_words(Bounds(0, 0, 1, 1)) == "in the area of the map"


def test_the_name_of_a_place_counts_nothing_anew() -> None:
    named = CatalogueQuery(place=circle_at(Point(65.01, 25.47), 10, "Oulu"))
    assert named.narrowing() == CatalogueQuery(place=circle_at(Point(65.01, 25.47), 10))


def test_a_cursor_that_cannot_be_one_is_kept_to_be_told_about() -> None:
    assert CatalogueQuery.parse("after=<script>").after == "broken"


def test_text_is_cleaned_of_what_no_search_can_use() -> None:
    assert clean("  a\x00b \n c\t") == "a b c"
    assert clean("\ud800x") == "?x"
    assert len(clean("x" * 5000)) == 200


def test_the_order_follows_the_words_unless_it_is_chosen() -> None:
    assert CatalogueQuery().order is Sort.NEWEST
    assert CatalogueQuery(sort=Sort.BEST).order is Sort.NEWEST
    assert CatalogueQuery(text="drill").order is Sort.BEST
    assert CatalogueQuery(text="drill", sort=Sort.NAME).order is Sort.NAME


def test_counts_do_not_depend_on_order_layout_and_page() -> None:
    base = CatalogueQuery(text="drill", in_stock=True)
    same = CatalogueQuery(
        text="drill", in_stock=True, sort=Sort.NAME, layout=Layout.TABLE, after="x"
    )
    assert same.narrowing() == base.narrowing()
    # Prices of two currencies cannot be put in one order, so such an order leaves products out.
    by_price = CatalogueQuery(text="drill", in_stock=True, sort=Sort.PRICE_UP)
    assert by_price.narrowing() != base.narrowing()
