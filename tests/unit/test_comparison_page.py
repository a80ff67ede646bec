"""The page of a comparison: its address, and what it says of each change."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.views.comparison_page import Line, page_of
from app.views.comparison_query import BETWEEN, KINDS, SIZES, ComparisonQuery
from app.views.comparisons import Change, ChangesPage, ComparisonView, PriceFigures
from tests.factories.snapshots import a_snapshot

ONE, OTHER = UUID(int=1), UUID(int=2)
WORDS = st.text(min_size=1, max_size=8).filter(lambda word: BETWEEN not in word and word.strip())
STEPS = (-50, -25, -10, -5, -1, 0, 1, 5, 10, 25, 50)

COMPARED = ComparisonView(
    id=UUID(int=3),
    before=a_snapshot(ONE),
    after=a_snapshot(OTHER),
    state="stored",
    stage="",
    problem="",
    bytes_done=0,
    bytes_expected=0,
    rows=3,
    seconds=1.0,
    added=1,
    removed=0,
    changed=2,
    unchanged=10,
    kinds={"price up": 2, "added": 1},
    prices=(PriceFigures("EUR", 2, 0, 150, 0, 12.5),),
    steps=STEPS,
    spread=(0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 1),
    suppliers=(),
    categories=(),
    notes=(),
)
CHANGE = Change(
    place=7,
    product_id=5,
    external_id="x-5",
    supplier="Norda",
    kinds=("price up",),
    name_before="Bottle",
    name_after="Steel bottle",
    category_before=("Tools",),
    category_after=(),
    price_before=1000,
    price_after=1250,
    currency_before="EUR",
    currency_after="EUR",
    percent=25.0,
    stock_before=5,
    stock_after=None,
    stores_before=(("Oulu", 3),),
    stores_after=(),
)


@given(
    st.builds(
        ComparisonQuery,
        before=st.none() | st.uuids(),
        after=st.none() | st.uuids(),
        kind=st.sampled_from(["", *KINDS]),
        supplier=st.none() | st.integers(0, 10**9 - 1),
        category=st.lists(WORDS, max_size=3).map(tuple),
        at_least=st.none() | st.sampled_from(SIZES),
        below=st.none() | st.integers(0, 10**9 - 1),
    )
)
def test_an_address_says_the_whole_query(query: ComparisonQuery) -> None:
    assert ComparisonQuery.parse(query.address().partition("?")[2]) == query


@pytest.mark.parametrize("query", ["a=1", "kind=cheap", "supplier=x", "below=-1", "least=1e9"])
def test_what_means_nothing_is_refused(query: str) -> None:
    with pytest.raises(BadInput):
        ComparisonQuery.parse(query)


def test_another_filter_begins_at_the_first_page() -> None:
    query = ComparisonQuery(ONE, OTHER, kind="stock", below=50)
    assert query.with_value("supplier", "3") == ComparisonQuery(
        ONE, OTHER, kind="stock", supplier=3
    )
    assert query.with_value("kind", "") == ComparisonQuery(ONE, OTHER)


def line_of(kind: str, **given: object) -> Line:
    """Return what the page says of one change."""
    page = page_of(
        COMPARED,
        ChangesPage((replace(CHANGE, kinds=(kind,), **given),), 1, None),  # pyright: ignore[reportArgumentType] - made here
        ComparisonQuery(ONE, OTHER),
        "en",
    )
    return page.rows[0].lines[0]


def test_each_change_says_from_what_to_what() -> None:
    assert line_of("price up") == Line("price up", "warn", "€10.00", "€12.50", "+25.0 %")
    assert line_of("price up", percent=0.02).by == "+<0.1 %"
    assert line_of("price up", percent=None).by == "from nothing"
    assert line_of("stock").after == "not said"
    assert line_of("stock", stock_after=2).by == "\N{MINUS SIGN}3"
    assert line_of("stores").before == "Oulu 3"
    assert (line_of("name").before, line_of("name").after) == ("Bottle", "Steel bottle")
    assert (line_of("category").before, line_of("category").after) == ("Tools", "none")
    assert line_of("added", price_before=None, currency_before=None).before == ""


def test_what_is_gone_leads_nowhere() -> None:
    changes = ChangesPage((replace(CHANGE, kinds=("removed",)),), 1, None)
    assert page_of(COMPARED, changes, ComparisonQuery(ONE, OTHER), "en").rows[0].href == ""


def test_the_page_sums_it_up() -> None:
    page = page_of(
        COMPARED, ChangesPage((CHANGE,), 120, 7), ComparisonQuery(ONE, OTHER, kind="added"), "en"
    )
    assert page.sentence == "2 changed, 1 added, 0 removed; 10 are the same in both."
    assert page.next_href.endswith("kind=added&below=7")
    assert [(tile.word, tile.figure) for tile in page.tiles if tile.href] == [
        ("added", "1"),
        ("price up", "2"),
    ]
    assert [tile.word for tile in page.tiles if tile.is_on] == ["added"]
    shown = {bar.label: (bar.figure, bar.share) for bar in page.bars if bar.share}
    assert shown == {
        "+5 % to +10 %": ("2", 50),
        "+10 % to +25 %": ("4", 100),
        "more than +50 %": ("1", 25),
    }
