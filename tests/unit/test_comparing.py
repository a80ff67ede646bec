"""Two snapshots' files, product by product: what differs, in what way, and in which order."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.integrations.arrow.typed import SCHEMA
from app.integrations.duck.changes import Wanted, all_changes, read_changes
from app.integrations.duck.comparing import Compared, compare_files
from app.integrations.duck.summing import STEPS

Row = dict[str, Any]
SEEN = ("name", "price_minor", "currency", "stock", "category", "stores", "brand")


def product(product_id: int, **given: Any) -> Row:
    """Return a row of a snapshot; its hash follows from what people see of it."""
    row = {
        "product_id": product_id,
        "feed_id": 1,
        "external_id": f"x-{product_id}",
        "supplier_id": 1,
        "supplier": "Norda Supply",
        "name": f"Product {product_id}",
        "price_minor": 1000,
        "currency": "EUR",
        "stock": 5,
        "category": ["Tools", "Screwdrivers"],
        "stores": [{"store_id": 1, "name": "Oulu", "stock": 3}],
        **given,
    }
    seen = repr([row.get(name) for name in SEEN]).encode()
    digest = hashlib.sha256(seen).digest()
    return row | {"row_hash": int.from_bytes(digest[:8], signed=True)}


def written(folder: Path, name: str, rows: list[Row], *, without: tuple[str, ...] = ()) -> Path:
    """Write rows as a part of a snapshot."""
    schema = pa.schema([field for field in SCHEMA if field.name not in without])
    ordered = sorted(rows, key=lambda row: row["product_id"])
    path = folder / f"{name}.parquet"
    pq.write_table(pa.Table.from_pylist(ordered, schema=schema), path)
    return path


def compared(
    folder: Path, before: list[Row], after: list[Row], **given: Any
) -> tuple[Compared, list[Row]]:
    """Compare rows; return the summary and the changes."""
    paths = [written(folder, "before", before)], [written(folder, "after", after)]
    return looked(folder, *paths, **given)


def looked(
    folder: Path, before: list[Path], after: list[Path], **given: Any
) -> tuple[Compared, list[Row]]:
    """Compare files; return the summary and the changes."""
    into = folder / "changes.parquet"
    asked = {"same_hash": True, "same_filter": True, **given}
    found = compare_files(before, after, into=into, **asked)
    return found, read_changes(into, Wanted(), after=-1, most=100_000)[0]


def kinds(changes: list[Row]) -> dict[int, list[str]]:
    return {row["product_id"]: row["kinds"] for row in changes}


ONE_CHANGE = {
    "price up": {"price_minor": 1001},
    "price down": {"price_minor": 999},
    "currency": {"currency": "SEK"},
    "stock": {"stock": 6},
    "stores": {"stores": [{"store_id": 1, "name": "Oulu", "stock": 4}]},
    "name": {"name": "Another"},
    "category": {"category": ["Tools"]},
    "details": {"brand": "Rautio"},
}


@pytest.mark.parametrize("kind", ONE_CHANGE)
def test_each_kind_of_change_is_named(tmp_path: Path, kind: str) -> None:
    found, changes = compared(tmp_path, [product(1)], [product(1, **ONE_CHANGE[kind])])
    assert kinds(changes) == {1: [kind]}
    assert (found.rows, found.figures["changed"], found.figures["kinds"]) == (1, 1, {kind: 1})


def test_stock_that_nobody_says_any_more_is_a_change_of_stock(tmp_path: Path) -> None:
    _, changes = compared(tmp_path, [product(1)], [product(1, stock=None)])
    assert (changes[0]["kinds"], changes[0]["stock_before"], changes[0]["stock_after"]) == (
        ["stock"],
        5,
        None,
    )


def test_what_came_and_went_is_shown_as_it_was(tmp_path: Path) -> None:
    found, changes = compared(tmp_path, [product(1), product(2)], [product(2), product(3)])
    assert kinds(changes) == {1: ["removed"], 3: ["added"]}
    gone, came = changes
    assert (gone["name_before"], gone["name_after"], gone["price_before"]) == (
        "Product 1",
        None,
        1000,
    )
    assert (came["name_after"], came["stores_after"][0]["name"], came["external_id"]) == (
        "Product 3",
        "Oulu",
        "x-3",
    )
    assert found.figures["changed"] == 0


def test_a_product_may_change_in_several_ways(tmp_path: Path) -> None:
    after = product(1, price_minor=500, stock=0, name="Less")
    _, changes = compared(tmp_path, [product(1)], [after])
    assert changes[0]["kinds"] == ["price down", "stock", "name"]
    assert changes[0]["percent"] == -50.0


def test_a_renamed_store_is_no_change(tmp_path: Path) -> None:
    renamed = product(1, stores=[{"store_id": 1, "name": "Oulu 2", "stock": 3}], stock=6)
    _, changes = compared(tmp_path, [product(1)], [renamed])
    assert kinds(changes) == {1: ["stock"]}


def test_currencies_are_never_mixed(tmp_path: Path) -> None:
    before = [product(1), product(2, currency="JPY"), product(3)]
    after = [
        product(1, price_minor=1100),
        product(2, currency="JPY", price_minor=900),
        product(3, currency="SEK", price_minor=9000),
    ]
    found, changes = compared(tmp_path, before, after)
    assert kinds(changes) == {1: ["price up"], 2: ["price down"], 3: ["currency"]}
    assert changes[2]["percent"] is None
    assert found.figures["prices"] == [
        {"currency": "EUR", "up": 1, "down": 0, "up_minor": 100, "down_minor": 0, "median": 10.0},
        {
            "currency": "JPY",
            "up": 0,
            "down": 1,
            "up_minor": 0,
            "down_minor": -100,
            "median": -10.0,
        },
    ]


def test_the_largest_change_of_a_price_comes_first(tmp_path: Path) -> None:
    prices = {1: 1010, 2: 400, 3: 1500, 4: 999}
    before = [*(product(n) for n in prices), product(5, price_minor=0), product(6), product(8)]
    after = [
        *(product(n, price_minor=price) for n, price in prices.items()),
        product(5, price_minor=1),
        product(6, name="Other"),
        product(7),
    ]
    _, changes = compared(tmp_path, before, after)
    assert [row["product_id"] for row in changes] == [5, 2, 3, 1, 4, 8, 7, 6]


def test_changes_are_counted_between_the_steps(tmp_path: Path) -> None:
    shares = (-60, -50, -49, -1, 1, 2, 50, 51)
    before = [product(n) for n in range(len(shares))] + [product(99, price_minor=0)]
    after = [product(n, price_minor=1000 + 10 * share) for n, share in enumerate(shares)]
    found, _ = compared(tmp_path, before, [*after, product(99, price_minor=5)])
    by_step = dict(zip((*STEPS, "beyond"), found.figures["spread"], strict=True))
    assert {step: count for step, count in by_step.items() if count} == {
        -50: 1,  # -60
        -25: 2,  # -50 and -49
        0: 1,  # -1
        1: 1,  # 1
        5: 1,  # 2
        50: 1,  # 50
        "beyond": 2,  # 51, and from nothing
    }


def test_filters_leave_what_was_asked_for(tmp_path: Path) -> None:
    before = [product(n) for n in range(1, 7)]
    after = [
        product(1, price_minor=1100),
        product(2, price_minor=700, supplier_id=2, supplier="Atlas"),
        product(3, price_minor=1010, category=["Office"]),
        product(4, stock=1),
        product(5, price_minor=1200, stock=1),
    ]
    compared(tmp_path, before, after)
    path = tmp_path / "changes.parquet"

    def left(**given: Any) -> list[int]:
        rows, total = read_changes(path, Wanted(**given), after=-1, most=10)
        assert total == len(rows) == len(list(all_changes(path, Wanted(**given))))
        return [row["product_id"] for row in rows]

    assert left() == [2, 5, 1, 3, 6, 4]
    assert left(kind="stock") == [5, 4]
    assert left(kind="removed") == [6]
    assert left(supplier_id=2) == [2]
    assert left(category=("Office",)) == [3]
    assert left(category=("Tools",)) == [2, 5, 1, 6, 4]
    assert left(category=("Tools", "Screwdrivers"), at_least=20) == [2, 5]
    assert left(at_least=10) == [2, 5, 1]


def test_pages_follow_each_other(tmp_path: Path) -> None:
    before = [product(n) for n in range(25)]
    after = [product(n, price_minor=1000 + (n + 1) * 10, stock=n % 2) for n in range(25)]
    compared(tmp_path, before, after)
    path, wanted = tmp_path / "changes.parquet", Wanted(kind="price up")
    seen: list[int] = []
    place = -1
    while rows := read_changes(path, wanted, after=place, most=10)[0]:
        seen += [row["product_id"] for row in rows]
        place = rows[-1]["place"]
    assert seen == list(range(24, -1, -1))


def test_different_searches_compare_what_both_hold(tmp_path: Path) -> None:
    before = [product(1), product(2), product(3)]
    after = [product(2, stock=1), product(4)]
    found, changes = compared(tmp_path, before, after, same_filter=False)
    assert kinds(changes) == {2: ["stock"]}
    assert (found.unlisted_before, found.unlisted_after) == (2, 1)


def test_hashes_made_in_another_way_tell_nothing(tmp_path: Path) -> None:
    other = product(1) | {"row_hash": 7}
    changed = product(2, price_minor=2000) | {"row_hash": 8}
    found, changes = compared(
        tmp_path, [product(1), product(2)], [other, changed, product(3)], same_hash=False
    )
    assert kinds(changes) == {2: ["price up"], 3: ["added"]}
    assert found.figures["changed"] == 1


def test_what_one_schema_lacks_is_not_compared(tmp_path: Path) -> None:
    before = written(tmp_path, "old", [product(1)], without=("stores", "row_hash"))
    after = written(tmp_path, "new", [product(1, stock=0, stores=[])])
    found, changes = looked(tmp_path, [before], [after], same_hash=False)
    assert kinds(changes) == {1: ["stock"]}
    assert found.not_compared == ("stores",)


def test_a_file_without_prices_is_refused(tmp_path: Path) -> None:
    before = written(tmp_path, "old", [product(1)], without=("price_minor",))
    after = written(tmp_path, "new", [product(1)])
    with pytest.raises(BadInput, match="price_minor"):
        looked(tmp_path, [before], [after])


def test_several_parts_are_one_snapshot(tmp_path: Path) -> None:
    parts = [written(tmp_path, f"p{n}", [product(n)]) for n in range(3)]
    after = written(tmp_path, "after", [product(n, stock=n) for n in range(3)])
    _, changes = looked(tmp_path, parts, [after])
    assert len(changes) == 3


PRODUCTS = st.dictionaries(
    st.integers(1, 8),
    st.fixed_dictionaries(
        {
            "price_minor": st.integers(0, 3) | st.integers(0, 10**12),
            "currency": st.sampled_from(["EUR", "JPY"]),
            "stock": st.none() | st.integers(0, 2),
            "name": st.sampled_from(["A", "B"]),
            "category": st.lists(st.sampled_from(["A", "B"]), max_size=2),
            "brand": st.sampled_from(["R", "S"]),
        }
    ),
    max_size=8,
)
MIRRORED = {"price up": "price down", "price down": "price up", "added": "removed"} | {
    "removed": "added"
}


# Each example compares three times, and each comparison starts a database.
@pytest.mark.timeout(1200)
@settings(max_examples=30, deadline=None)
@given(PRODUCTS, PRODUCTS)
def test_the_other_way_round_it_is_mirrored(first: dict[int, Row], second: dict[int, Row]) -> None:
    one, two = ([product(n, **row) for n, row in side.items()] for side in (first, second))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found, there = compared(folder, one, two)
        again, back = compared(folder, two, one)
        nothing, same = compared(folder, one, one)

    assert (nothing.rows, same) == (0, [])
    assert {n: {MIRRORED.get(kind, kind) for kind in of} for n, of in kinds(there).items()} == {
        n: set(of) for n, of in kinds(back).items()
    }
    assert {(row["product_id"], row["price_before"], row["price_after"]) for row in there} == {
        (row["product_id"], row["price_after"], row["price_before"]) for row in back
    }
    assert sum(found.figures["spread"]) == sum(again.figures["spread"])
    # What is not named as changed is the same, and the other way round.
    unchanged = {n for n in first if second.get(n) == first[n]}
    assert set(kinds(there)) == (set(first) | set(second)) - unchanged
