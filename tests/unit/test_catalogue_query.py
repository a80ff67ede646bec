"""The question to the catalogue and its one written form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.views.catalogue_query import (
    MAX_ID,
    MAX_PRICE,
    CatalogueQuery,
    Layout,
    Sort,
    clean,
)

words = st.text(max_size=60).map(clean)
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
