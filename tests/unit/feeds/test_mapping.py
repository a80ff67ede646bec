"""Mapping: any JSON becomes a row that Postgres takes, or a rejection that names the field."""

from __future__ import annotations

from typing import Any

import jmespath
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.integrations.feeds import ProductMapping, ProductReader, ProductRow, Rejection, StoreSource
from app.integrations.feeds.expressions import compile_expression
from app.integrations.feeds.rows import StoreRow
from app.integrations.feeds.stores import StoreReader

BASE = "https://supplier.example/api/products?page=1"
FIELDS = (
    "id", "name", "description", "brand", "sku", "category", "price", "currency", "stock",
    "pictures", "attributes", "store_stock",
)  # fmt: skip

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text()
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# Mostly right, so that every field gets its turn at being wrong.
RECORDS = st.builds(
    lambda right, wrong: {**right, **wrong},
    st.fixed_dictionaries(
        {
            "id": st.integers(0, 99),
            "name": st.text(min_size=1),
            "price": st.decimals(0, 1000, places=2).map(float),
            "currency": st.just("EUR"),
        }
    ),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3),
)


def reader(**given_: Any) -> ProductReader:
    mapping = ProductMapping(
        **{
            "currency": "currency",
            "pictures": "pictures",
            "attributes": "attributes",
            "store_stock": "store_stock",
            **given_,
        }
    )
    return ProductReader(mapping, base=BASE)


def read(record: Any, **given_: Any) -> ProductRow:
    row = reader(**given_).read(record)
    assert isinstance(row, ProductRow), row
    return row


def reason(record: Any, **given_: Any) -> str:
    row = reader(**given_).read(record)
    assert isinstance(row, Rejection), row
    return row.reason


GOOD: dict[str, Any] = {"id": 1, "name": "Hammer", "price": 5, "currency": "EUR"}


def at_store(**given_: Any) -> dict[str, Any]:
    return {"store_stock": {"a": {"stock": 1, **given_}}}


@given(RECORDS | JSON)
def test_any_record_becomes_a_row_or_a_reason(record: Any) -> None:
    row = reader().read(record)
    if isinstance(row, Rejection):
        assert row.reason.endswith(".")
        orjson.loads(row.record)
        assert "\\u0000" not in row.record
    else:
        assert row.name.strip() == row.name != ""
        assert 0 < len(row.external_id) <= 200
        assert row.stock is None or row.stock >= 0
        for shelf in orjson.loads(row.store_stock).values():
            assert min(shelf if isinstance(shelf, list) else [shelf]) >= 0
        assert not any("\x00" in field for field in row if isinstance(field, str))
        assert all(a.startswith("http") for a in row.pictures.split("\n") if a)
        assert isinstance(orjson.loads(row.attributes), dict)
        row[2].encode()


@given(RECORDS)
def test_the_same_record_makes_the_same_row_and_hash(record: Any) -> None:
    # As it comes: JSON has no infinity, and what is written has none either.
    first, second = (reader().read(orjson.loads(orjson.dumps(record))) for _ in range(2))
    assert first == second


@given(RECORDS, st.sampled_from(FIELDS), JSON)
def test_the_hash_changes_exactly_when_the_row_does(record: Any, field: str, value: Any) -> None:
    one, other = reader().read(record), reader().read({**record, field: value})
    if isinstance(one, ProductRow) and isinstance(other, ProductRow):
        assert (one[:-1] == other[:-1]) == (one.record_hash == other.record_hash)


@given(
    JSON,
    st.sampled_from(
        ["a", "a.b", "a[0]", "a[-1].b", "[0].a", "@", "'x'", "`1`", "a.b.c", '"a b"', "a[1][0]"]
    ),
)
def test_direct_getters_do_what_jmespath_does(value: Any, expression: str) -> None:
    document = {"a": value, "a b": value}
    for content in (document, value, [document]):
        expected = jmespath.search(expression, content)
        found = compile_expression(expression)(content)
        assert found is expected or found == expected or (found != found and expected != expected)  # noqa: PLR0124 - NaN


PICTURES = """\
https://supplier.example/a.png
https://supplier.example/api/b.png
https://cdn.example/c.png
https://x.example/d.png"""


def test_a_whole_record() -> None:
    row = read(
        {
            "id": "A-1",
            "name": "  Cordless   screwdriver\n12 V ",
            "description": "Two lines.\nYes. ",
            "brand": "",
            "sku": 4711,
            "category": ["Tools", " ", "Power tools"],
            "price": "79.90",
            "currency": "eur",
            "stock": "12",
            "pictures": ["/a.png", "b.png", "//cdn.example/c.png", "https://x.example/d.png", None],
            "attributes": [{"label": "Voltage", "value": 12}, {"label": "Case", "value": True}],
            "store_stock": [{"store": 7, "stock": 3}, {"store": "b", "stock": None}],
        }
    )
    assert row[:-1] == (
        "A-1", "4711", "Cordless screwdriver 12 V", "Two lines.\nYes.", None,
        "Tools\x1fPower tools", 7990, "EUR", 12,
        PICTURES,
        '{"Case":"yes","Voltage":"12"}', '{"7":3}',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": None}, "external_id: there is no value."),
        ({"id": 1.5}, 'external_id: "1.5" is not a whole number.'),
        ({"id": True}, 'external_id: "True" is not text.'),
        ({"id": "x" * 201}, "is longer than 200 characters."),
        ({"name": ""}, "name: there is no value."),
        ({"name": ["a"]}, "name: \"['a']\" is not text."),
        ({"name": "x" * 501}, "is longer than 500 characters."),
        ({"price": None}, "price: there is no value."),
        ({"price": [1]}, "price: it is not an amount."),
        ({"currency": None}, "currency: there is no value."),
        ({"currency": "EURO"}, 'currency: "EURO" is not the code of a currency.'),
        ({"stock": "plenty"}, 'stock: "plenty" is not a whole number of pieces.'),
        ({"stock": 2.5}, 'stock: "2.5" is not a whole number of pieces.'),
        ({"stock": True}, 'stock: "True" is not a whole number of pieces.'),
        ({"stock": 10**12}, "is more than can be."),
        ({"category": {"a": 1}}, "category: \"{'a': 1}\" is not a category."),
        ({"category": [["a"]]}, "is not a category."),
        ({"pictures": [{"url": "a"}]}, "is not an address."),
        ({"pictures": "ftp://x/y.png"}, 'pictures: "ftp://x/y.png" is not an address.'),
        ({"pictures": "javascript:alert(1)"}, "is not an address."),
        ({"attributes": "red"}, 'attributes: "red" is neither an object nor a list.'),
        ({"store_stock": {"a": "x"}}, 'store_stock: "x" is not a whole number of pieces.'),
        ({"store_stock": "7"}, 'store_stock: "7" is neither an object nor a list.'),
        ({"store_stock": [7]}, "store_stock: an entry is not an object."),
        (at_store(price=12.505), 'store_stock: "12.505" has more decimals than EUR has.'),
        (at_store(price="1,299"), 'store_stock: "1,299" is not an amount such as 12.50.'),
        (at_store(price=-1), 'store_stock: "-1" is not an amount of 0 or more.'),
        (at_store(price=True), 'store_stock: "True" is not an amount.'),
        (at_store(price=[5]), 'store_stock: "[5]" is not an amount.'),
        (at_store(price=10**13), "is beyond any price."),
        (
            at_store(price=50, currency="SEK"),
            'store_stock: a price is in "SEK", the product\'s in EUR.',
        ),
    ],
)
def test_a_reason_names_the_field(wrong: dict[str, Any], said: str) -> None:
    assert said in reason({**GOOD, **wrong})


def test_a_function_that_does_not_fit_is_a_reason() -> None:
    assert "mapping does not fit" in reason({**GOOD, "tags": 7}, brand="join(' ', tags)")


@pytest.mark.parametrize(
    ("given_", "shelf"),
    [
        ({"stock": 3}, 3),
        ({"stock": 3, "price": None}, 3),
        ({"stock": 3, "price": ""}, 3),
        ({"stock": 3, "price": None, "currency": "SEK"}, 3),
        ({"stock": 3, "price": 5}, [3, 500]),
        ({"stock": 0, "price": "12.90"}, [0, 1290]),
        ({"stock": 3, "price": 19.990000000000002}, [3, 1999]),
        ({"stock": 3, "price": 0}, [3, 0]),
        ({"stock": 3, "price": 5, "currency": "eur"}, [3, 500]),
        ({"stock": None, "price": 5}, None),
        ({"price": 5}, None),
    ],
)
def test_a_store_may_ask_a_price_of_its_own(given_: dict[str, Any], shelf: Any) -> None:
    expected = {} if shelf is None else {"7": shelf}
    for entries in ({"7": given_}, [{"store": 7, **given_}]):
        assert orjson.loads(read({**GOOD, "store_stock": entries}).store_stock) == expected


def test_a_stores_price_comes_in_the_unit_of_the_products() -> None:
    minor = read({**GOOD, **at_store(price=1290)}, price_unit="minor")
    assert orjson.loads(minor.store_stock) == {"a": [1, 1290]}
    yen = read({**GOOD, "currency": "JPY", **at_store(price=1290)})
    assert orjson.loads(yen.store_stock) == {"a": [1, 1290]}


def test_a_change_of_a_stores_price_alone_changes_the_hash() -> None:
    prices = (None, 4, 5, 5.01)
    rows = [read({**GOOD, **at_store(price=price)}) for price in prices]
    assert len({row.record_hash for row in rows}) == len(prices)
    assert rows[0].record_hash == read({**GOOD, "store_stock": {"a": 1}}).record_hash


@pytest.mark.parametrize(
    ("stock", "pieces"), [(3, 3), ("4", 4), (5.0, 5), (-2, 0), (None, None), ("", None), (0, 0)]
)
def test_stock(stock: Any, pieces: int | None) -> None:
    assert read({**GOOD, "stock": stock}).stock == pieces


def test_constants_paths_and_separators() -> None:
    row = read(
        {"id": 1, "name": "Desk", "price": {"cents": 18900}, "category": "Office > Desks"},
        price="price.cents",
        price_unit="minor",
        currency="'EUR'",
        category_separator=">",
    )
    assert (row.price_minor, row.currency, row.category) == (18900, "EUR", "Office\x1fDesks")


def test_categories_by_code() -> None:
    tree = {"12": ("Tools", "Hammers")}
    by_code = ProductReader(ProductMapping(currency="currency"), base=BASE, categories=tree)
    row = by_code.read({**GOOD, "category": 12})
    assert isinstance(row, ProductRow)
    assert row.category == "Tools\x1fHammers"
    unknown = by_code.read({**GOOD, "category": "99"})
    assert isinstance(unknown, Rejection)
    assert "not in the feed's category tree" in unknown.reason


def test_nul_characters_are_left_out_everywhere() -> None:
    row = read(
        {**GOOD, "id": "a\x00b", "name": "Ham\x00mer", "category": ["T\x00"], "pictures": "p\x00",
         "attributes": {"a\x00": "b\x00"}}
    )  # fmt: skip
    assert (row.external_id, row.name, row.category) == ("ab", "Hammer", "T")
    assert (row.pictures, row.attributes) == ("https://supplier.example/api/p", '{"a":"b"}')


@pytest.mark.parametrize("field", ["id", "name"])
def test_nothing_but_nul_is_no_value(field: str) -> None:
    assert "there is no value" in reason({**GOOD, field: " \x00 "})


def test_fingerprints_tell_mappings_apart() -> None:
    def of(**given_: Any) -> bytes:
        return ProductReader(
            **{"mapping": ProductMapping(currency="currency"), "base": BASE, **given_}
        ).fingerprint

    prints = [
        of(),
        of(base=BASE + "2"),
        of(stores=frozenset("a")),
        of(categories={"a": ("b",)}),
        of(mapping=ProductMapping(currency="currency", brand=None)),
    ]
    assert len(set(prints)) == len(prints)
    assert of() == of()


@pytest.mark.parametrize(
    "wrong", [{"name": "a["}, {"price_unit": "cents"}, {"unknown": "a"}, {"price": 7}]
)
def test_a_mapping_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProductMapping.model_validate({"currency": "'EUR'", **wrong})


def store(**given_: Any) -> StoreRow | Rejection:
    source = StoreSource(
        url="stores", latitude="lat", longitude="lon", country="country", opening_hours="hours"
    )
    return StoreReader(source).read({"id": 1, "name": "Oulu", "lat": 65, "lon": "25.5", **given_})


def test_a_store() -> None:
    row = store(
        country="fi", hours=[{"day": "Sunday", "hours": None}, {"day": "MON", "hours": "9"}]
    )
    assert isinstance(row, StoreRow)
    assert row[:-1] == (
        "1", "Oulu", "", "", "", "FI", 65.0, 25.5, None, '{"mon":"9","sun":"closed"}', None, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": None}, "Store: name: there is no value."),
        ({"country": "Finland"}, "is not a code of two letters."),
    ],
)
def test_a_store_that_cannot_be_taken(wrong: dict[str, Any], said: str) -> None:
    row = store(**wrong)
    assert isinstance(row, Rejection)
    assert said in row.reason
