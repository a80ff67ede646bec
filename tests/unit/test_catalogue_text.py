"""Cards, chips and choices: the text on screen, made from facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.areas import circle_at
from app.views.cards import card_of, trend_path
from app.views.catalogue import Distance, FacetOption, Facets, Listing, PriceBar, ProductSummary
from app.views.catalogue_panel import panel_of
from app.views.catalogue_query import CatalogueQuery, Sort
from app.views.catalogue_text import found_of, ways_of
from app.views.stores import Bounds, Point

SUMMARY = ProductSummary(
    id=7,
    name="Cutting disc",
    brand="Stahlfeld",
    supplier="Verkko Tools",
    price_minor=880,
    currency="EUR",
    previous_price_minor=1000,
    price_since=datetime.now(UTC) - timedelta(days=1),
    stock=42,
    picture="",
    prices=(1000, 880),
)


def option(key: str, *, chosen: bool = False, count: int = 3, exact: bool = True) -> FacetOption:
    return FacetOption(key=key, label=f"<{key}>", count=count, exact=exact, chosen=chosen)


FACETS = Facets(
    total=10_000,
    exact=False,
    suppliers=(option("1", chosen=True), option("2"), option("3", count=0)),
    trail=(),
    categories=(option("5"),),
    brands=(option("Bosch"),),
    in_stock=option("1", count=10_000, exact=False),
    currency="EUR",
    currencies=(option("EUR", chosen=True), option("SEK")),
    prices=(PriceBar(100, 200, 4), PriceBar(200, 400, 8)),
)
NOTHING = Listing(products=(), next=None, previous=None, corrected="", problem="")


def test_a_card_says_price_change_and_stock() -> None:
    card = card_of(SUMMARY, "en")
    assert (card.price, card.change, card.change_tone) == ("€8.80", "-12%", "good")
    assert (card.stock, card.stock_tone) == ("In stock 42", "good")
    assert card.href == "/product/7"


@pytest.mark.parametrize(
    ("stock", "said", "tone"),
    [
        (None, "Not stated", "unknown"),
        (0, "Out of stock", "neutral"),
        (-2, "Out of stock", "neutral"),
        (5, "Low: 5 left", "warn"),
        (6, "In stock 6", "good"),
    ],
)
def test_stock_is_a_word(stock: int | None, said: str, tone: str) -> None:
    card = card_of(replace(SUMMARY, stock=stock), "en")
    assert (card.stock, card.stock_tone) == (said, tone)


def test_a_change_is_news_for_a_month() -> None:
    old = replace(SUMMARY, price_since=datetime.now(UTC) - timedelta(days=31))
    assert card_of(old, "en").change == ""
    dearer = replace(SUMMARY, price_minor=1200)
    assert card_of(dearer, "en").change_tone == "warn"


@given(st.lists(st.integers(0, 10**9), max_size=20))
def test_a_trend_is_drawn_in_steps_inside_its_box(prices: list[int]) -> None:
    path = trend_path(tuple(prices))
    if len(set(prices)) < 2:
        assert path == ""
        return
    assert path.count("H") == len(prices)
    heights = [float(part.split("H")[0]) for part in path.split("V")[1:]]
    assert (min(heights), max(heights)) == pytest.approx((2, 18))
    assert path.endswith("H64.0")


def test_every_choice_leads_to_the_question_with_it_changed() -> None:
    query = CatalogueQuery(text="disc", suppliers=(1,), after="x")
    panel = panel_of(FACETS, query, "en")
    assert [choice.href for choice in panel.suppliers] == [
        "/?q=disc",
        "/?q=disc&supplier=1&supplier=2",
    ]
    assert panel.brands[0].href == "/?q=disc&supplier=1&brand=Bosch"
    assert panel.categories[0].href == "/?q=disc&supplier=1&category=5"
    assert panel.in_stock.href == "/?q=disc&supplier=1&stock=1"
    assert panel.in_stock.count == "10,000+"
    assert panel.currencies[1].href == "/?q=disc&supplier=1&currency=SEK"


def test_price_bars_lead_to_their_own_range_without_overlap() -> None:
    price = panel_of(FACETS, CatalogueQuery(price_min=150, currency="EUR"), "en").price
    assert [bar.href for bar in price.bars] == [
        "/?min=100&max=199&currency=EUR",
        "/?min=200&max=400&currency=EUR",
    ]
    assert [bar.height for bar in price.bars] == [50, 100]
    assert (price.least, price.most, price.low, price.high) == ("1.5", "", "€1", "€4")
    assert [bar.inside for bar in price.bars] == [True, True]


def test_chips_say_what_narrows_and_lead_back() -> None:
    query = CatalogueQuery(
        text="disc", suppliers=(1,), brands=("Bosch",), price_max=500, currency="EUR", in_stock=True
    )
    found = found_of(NOTHING, FACETS, query, "en")
    assert [chip.label for chip in found.chips] == ["<1>", "Bosch", "Up to €5.00", "In stock"]
    assert found.chips[0].href == "/?q=disc&brand=Bosch&max=500&currency=EUR&stock=1"
    assert found.clear_href == "/?q=disc"
    assert found.count == "10,000+ products"
    assert found.is_empty


def test_an_order_by_price_says_which_currency_it_shows() -> None:
    facets = replace(FACETS, suppliers=())
    found = found_of(NOTHING, facets, CatalogueQuery(sort=Sort.PRICE_UP), "en")
    assert [(chip.label, chip.href) for chip in found.chips] == [("Prices in EUR", "/")]


def test_ways_keep_the_question_and_turn_the_page() -> None:
    listing = replace(NOTHING, next="abc")
    ways = ways_of(listing, CatalogueQuery(text="disc", sort=Sort.NAME, after="old"))
    assert ways.next_href == "/?q=disc&sort=name&after=abc"
    assert ways.previous_href == ""
    assert ways.table_href == "/?q=disc&sort=name&view=table&after=old"
    assert dict(ways.sorts)[ways.sort_href] == "Name"
    assert "Best match" not in dict(ways_of(listing, CatalogueQuery()).sorts).values()


def test_a_place_is_a_chip_that_takes_it_back() -> None:
    near = CatalogueQuery(text="drill", place=circle_at(Point(65.01, 25.47), 10, "Oulu"))
    chips = {chip.label: chip.href for chip in found_of(NOTHING, FACETS, near, "en").chips}
    assert chips["Within 10 km of Oulu"] == "/?q=drill"
    on_map = replace(near, place=Bounds(60, 20, 70, 30))
    chips = {chip.label: chip.href for chip in found_of(NOTHING, FACETS, on_map, "en").chips}
    assert chips["In the area of the map"] == "/?q=drill"
    assert found_of(NOTHING, FACETS, on_map, "en").clear_href == "/?q=drill"


def test_distances_are_offered_around_a_chosen_place_with_their_stores() -> None:
    facets = replace(FACETS, distances=(Distance(5, 1), Distance(10, 1200)))
    near = CatalogueQuery(place=circle_at(Point(65.01, 25.47), 10, "Oulu"), after="x")
    five, ten = panel_of(facets, near, "en").distances
    assert (five.label, five.count, five.chosen) == ("5 km", "1 store", False)
    assert (ten.count, ten.chosen) == ("1,200 stores", True)
    assert five.href == "/?near=65.01,25.47&within=5&place=Oulu"
    assert panel_of(facets, CatalogueQuery(place=Bounds(0, 0, 1, 1)), "en").distances == ()


def test_a_map_is_a_way_to_see_the_same_page() -> None:
    ways = ways_of(NOTHING, CatalogueQuery(text="drill", after="abc"))
    assert ways.map_href == "/?q=drill&view=map&after=abc"
