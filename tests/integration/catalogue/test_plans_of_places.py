"""How many shelves and stores a search in an area looks at: counted, not timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import text

from app.services.catalogue import places, search_catalogue
from app.services.catalogue.matching import COUNTED_THERE
from app.services.catalogue.places import FEW_SHELVES, SOME_SHELVES, Reach, stores_there
from app.views.areas import circle_at
from app.views.catalogue_query import CatalogueQuery, Sort
from app.views.stores import Bounds, Point
from app.work import open_work, reading
from tests import plans
from tests.factories.catalogue import fill
from tests.factories.database import empty_database, owners_work
from tests.factories.stores import fill_shelves, fill_stores

if TYPE_CHECKING:
    from app.views.areas import Area

PRODUCTS: Final = 20_000
STORES: Final = 600
# How many products a store has; some of them come twice and count once.
EACH: Final = 200
WORLD: Final = Bounds(-90, -180, 90, 180)

# So many rows take minutes on a busy machine.
pytestmark = [pytest.mark.usefixtures("redis"), pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def towns(services: None) -> dict[Reach, Area]:  # noqa: ARG001 - where it is written
    """Fill the database once, and return an area for each reach."""
    empty_database()
    with owners_work() as work:
        fill(work.session, PRODUCTS)
        fill_stores(work.session, STORES)
        fill_shelves(work.session, each=EACH)
        towns = work.session.execute(
            text(
                "SELECT min(latitude) AS latitude, min(longitude) AS longitude, count(*) AS stores "
                "FROM store GROUP BY city ORDER BY count(*) DESC, city"
            )
        ).all()
    largest, smallest = (Point(town.latitude, town.longitude) for town in (towns[0], towns[-1]))
    return {
        Reach.FEW: circle_at(smallest, 1),
        Reach.SOME: circle_at(largest, 100),
        Reach.MANY: WORLD,
        Reach.VAST: WORLD,
    }


@pytest.mark.parametrize("reach", Reach)
@pytest.mark.parametrize(
    "query",
    [
        CatalogueQuery(),
        CatalogueQuery(text="screwdriver"),
        CatalogueQuery(text="kettle", suppliers=(1,)),
        CatalogueQuery(category=5, sort=Sort.NAME),
    ],
    ids=["everything", "a broad word", "a word and a supplier", "a category by name"],
)
def test_no_more_shelves_are_looked_at_than_are_needed(
    towns: dict[Reach, Area], reach: Reach, query: CatalogueQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reach is Reach.VAST:
        monkeypatch.setattr(places, "MOST_STORES", STORES // 2)
    area = towns[reach]
    with open_work(read_only=True) as work:
        there = stores_there(work.session.connection(), area)
    assert there.reach is reach
    asked = CatalogueQuery(
        text=query.text,
        suppliers=query.suppliers,
        category=query.category,
        sort=query.sort,
        place=area,
    )
    statements = plans.heard_of(lambda: reading(search_catalogue, query=asked))
    for plan in plans.plans_of(statements):
        for node in plans.nodes_of(plan):
            assert node["Node Type"] != "Seq Scan" or node["Relation Name"] in SMALL, node
        looked_at = sum(shelves_of(node) for node in plans.nodes_of(plan))
        assert looked_at <= most_shelves(reach), "more shelves are looked at than that"


# Tables of a few rows, and one that a statement reads as a whole to name what is in it.
SMALL: Final = {"supplier", "feed", "category"}


def most_shelves(reach: Reach) -> float:
    """Return how many entries of shelves one statement may look at."""
    if reach is Reach.FEW:
        return FEW_SHELVES
    # Each product that is looked at has as many shelves as there are of it.
    of_a_product = EACH * STORES / PRODUCTS
    return SOME_SHELVES if reach is Reach.SOME else 4 * COUNTED_THERE * of_a_product


def shelves_of(node: dict[str, Any]) -> float:
    """Return how many entries of shelves a part of a plan has looked at."""
    if node.get("Relation Name") != "store_stock":
        return 0
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return rows * node["Actual Loops"]


def test_shelves_of_many_stores_are_looked_up_by_their_product(towns: dict[Reach, Area]) -> None:
    query = CatalogueQuery(place=towns[Reach.MANY])
    statements = plans.heard_of(lambda: reading(search_catalogue, query=query))
    used = [
        node["Index Name"]
        for plan in plans.plans_of([each for each in statements if "matched" in each[0]])
        for node in plans.nodes_of(plan)
        if node.get("Relation Name") == "store_stock"
    ]
    assert set(used) == {"pk_store_stock"}


def test_stores_are_looked_up_by_their_place(towns: dict[Reach, Area]) -> None:
    by_index = {Reach.SOME: "ix_store_position", Reach.MANY: "ix_store_square"}
    for reach, index in by_index.items():
        query = CatalogueQuery(place=towns[reach])
        statements = plans.heard_of(lambda query=query: reading(search_catalogue, query=query))
        asked = [each for each in statements if "there AS MATERIALIZED" in each[0]]
        assert len(asked) == 1, "the stores of an area are looked up once"
        # The statement before it says how to plan.
        (plan,) = plans.plans_of([statements[0], *asked])
        used = {node.get("Index Name") for node in plans.nodes_of(plan)}
        assert index in used
        counted = sum(shelves_of(node) for node in plans.nodes_of(plan))
        # The plan says rows by loop, rounded.
        assert counted <= 1.01 * SOME_SHELVES


def test_a_kept_answer_looks_up_no_stores(towns: dict[Reach, Area]) -> None:
    query = CatalogueQuery(place=towns[Reach.SOME])
    reading(search_catalogue, query=query)
    assert len(plans.heard_of(lambda: reading(search_catalogue, query=query))) == 1
