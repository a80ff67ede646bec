"""The statements that count how a result can be narrowed, written once per shape of question."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Double,
    Integer,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
)
from sqlalchemy import union_all as rows_of

from app.services.catalogue.matching import (
    CATEGORY,
    PRODUCT,
    SUPPLIER,
    Facet,
    Shape,
    conditions,
    given,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, Subquery

    Lines: TypeAlias = Select[*tuple[Any, ...]]

# Counts are exact up to here and say "or more" above.
COUNTED: Final = 10_000
BRANDS: Final = 10
SUPPLIERS: Final = 20
CATEGORIES: Final = 24
BARS: Final = 20
# Prices that reach from small to this many times as much are drawn in equal steps of percent.
WIDE: Final = 12

_COUNTED_COLUMNS: Final = (
    "supplier_id",
    "category_id",
    "brand",
    "currency",
    "price_minor",
    "stock",
)


@lru_cache(maxsize=256)
def counting(shape: Shape, depth: int) -> CompoundSelect[*tuple[Any, ...]]:
    """Count everything in one statement: no match is looked at twice without need.

    `depth` is that of the chosen category in the tree, 0 for none.
    """
    all_matches = _matches(shape, "all")
    # What is offered below a chosen category lies within it: no look without that choice.
    apart = shape.chosen - {Facet.CATEGORY} if depth else shape.chosen
    own = {
        facet: _matches(shape, facet, without=facet) if facet in apart else all_matches
        for facet in Facet
    }
    in_stock = own[Facet.STOCK]
    priced = _priced(own[Facet.PRICE])
    return rows_of(
        _lines("total all", all_matches),
        *(_lines(f"total {facet}", own[facet]) for facet in Facet if facet in apart),
        _suppliers(own[Facet.SUPPLIER]),
        _categories(own[Facet.CATEGORY], depth),
        *(() if depth == 0 else (_trail(),)),
        _brands(own[Facet.BRAND]),
        _lines(Facet.STOCK, in_stock).where(in_stock.c.stock > 0),
        _currencies(priced),
        _histogram(own[Facet.PRICE], priced, is_chosen=Facet.PRICE in shape.chosen),
    )


def _matches(shape: Shape, name: str, *, without: Facet | None = None) -> CTE:
    wanted = conditions(shape, without=without)
    looked_at = select(*(PRODUCT.c[column] for column in _COUNTED_COLUMNS)).where(*wanted)
    if not (shape.has_words or shape.chosen - {without}):
        # Any will do, but those of one index would all be of one supplier or brand.
        looked_at = looked_at.order_by(PRODUCT.c.id)
    return looked_at.limit(COUNTED + 1).cte(f"matched_{name}")


def _lines(
    facet: str,
    source: CTE | Subquery | Any = None,  # noqa: ANN401 - any FROM clause
    *,
    key: ColumnElement[Any] | None = None,
    label: ColumnElement[Any] | None = None,
    count: ColumnElement[Any] | None = None,
    low: ColumnElement[Any] | None = None,
    high: ColumnElement[Any] | None = None,
) -> Lines:
    """Select lines in the shape all parts of the statement share; by default one that counts."""
    lines = select(
        literal(facet).label("facet"),
        cast(null() if key is None else key, Text).label("key"),
        cast(null() if label is None else label, Text).label("label"),
        (func.count() if count is None else count).label("matches"),
        cast(null() if low is None else low, BigInteger).label("low"),
        cast(null() if high is None else high, BigInteger).label("high"),
    )
    return lines if source is None else lines.select_from(source)


def _wrapped(lines: Lines) -> Lines:
    """Put lines that are ordered and limited into parentheses, as a union wants them."""
    return select(*lines.subquery().c)


def _suppliers(source: CTE) -> Lines:
    number = source.c.supplier_id
    counted = select(number, func.count().label("count")).group_by(number).subquery("by_supplier")
    count = func.coalesce(counted.c.count, 0)
    lines = _lines(
        Facet.SUPPLIER,
        SUPPLIER.outerjoin(counted, counted.c.supplier_id == SUPPLIER.c.id),
        key=SUPPLIER.c.id,
        label=SUPPLIER.c.name,
        count=count,
    )
    first = SUPPLIER.c.id == any_(given("suppliers", ARRAY(Integer)))
    return _wrapped(lines.order_by(first.desc(), count.desc(), SUPPLIER.c.name).limit(SUPPLIERS))


def _categories(source: CTE, depth: int) -> Lines:
    """Count the categories one step below the chosen one, each with all that is below it."""
    number = source.c.category_id
    counted = select(number, func.count().label("count")).group_by(number).subquery("by_category")
    child = CATEGORY.alias("child")
    lines = _lines(
        Facet.CATEGORY,
        counted.join(CATEGORY, CATEGORY.c.id == counted.c.category_id).join(
            child,
            and_(
                func.cardinality(CATEGORY.c.path) > depth,
                child.c.path == CATEGORY.c.path[1 : depth + 1],
            ),
        ),
        key=child.c.id,
        label=child.c.name,
        count=cast(func.sum(counted.c.count), BigInteger),
    )
    if depth:
        lines = lines.where(CATEGORY.c.path[1:depth] == given("path", ARRAY(Text)))
    return _wrapped(
        lines.group_by(child.c.id, child.c.name)
        .order_by(func.sum(counted.c.count).desc(), child.c.name)
        .limit(CATEGORIES)
    )


def _trail() -> Lines:
    """Select the categories from the root to the chosen one."""
    depth = func.cardinality(CATEGORY.c.path)
    chosen = CATEGORY.alias("chosen")
    lines = _lines(
        "trail",
        CATEGORY.join(chosen, CATEGORY.c.path == chosen.c.path[1:depth]),
        key=CATEGORY.c.id,
        label=CATEGORY.c.name,
        count=literal(0, BigInteger),
        low=depth,
    ).where(chosen.c.path == given("path", ARRAY(Text)))
    return _wrapped(lines.order_by(depth))


def _brands(source: CTE) -> Lines:
    brand = source.c.brand
    chosen = given("brands", ARRAY(Text))
    lines = _lines(Facet.BRAND, source, key=brand, label=brand).where(brand != "").group_by(brand)
    return _wrapped(
        lines.order_by((brand == any_(chosen)).desc(), func.count().desc(), brand).limit(
            BRANDS + func.cardinality(chosen)
        )
    )


def _priced(source: CTE) -> CTE:
    """Select each currency with its lowest and highest price, and how many are priced in it."""
    currency, price = source.c.currency, source.c.price_minor
    return (
        select(
            currency,
            func.count().label("matches"),
            func.min(price).label("low"),
            func.max(price).label("high"),
        )
        .group_by(currency)
        .cte("priced")
    )


def _currencies(priced: CTE) -> Lines:
    currency, matches = priced.c.currency, priced.c.matches
    lines = _lines(
        "currency",
        priced,
        key=currency,
        label=currency,
        count=matches,
        low=priced.c.low,
        high=priced.c.high,
    )
    return _wrapped(lines.order_by(matches.desc(), currency))


def _histogram(source: CTE, priced: CTE, *, is_chosen: bool) -> Lines:
    """Count the prices of one currency, the chosen or the most common one, in `BARS` steps.

    Steps are equal in percent where prices reach far, so that a few dear things do not push all
    others into one bar.
    """
    price = source.c.price_minor
    bounds = (
        select(priced.c.currency, priced.c.low, priced.c.high)
        .where(priced.c.currency == given("currency", Text()) if is_chosen else true())
        .order_by(priced.c.matches.desc(), priced.c.currency)
        .limit(1)
        .subquery("bounds")
    )
    low, high = bounds.c.low, bounds.c.high
    ends = [cast(value, Double) for value in (price, low, high + 1)]
    step = case(
        (
            and_(low > 0, low * WIDE < high),
            func.width_bucket(*(func.ln(end) for end in ends), BARS),
        ),
        else_=func.width_bucket(*ends, BARS),
    )
    placed = (
        select(step.label("step"))
        .select_from(source.join(bounds, bounds.c.currency == source.c.currency))
        .subquery("placed")
    )
    return _lines(Facet.PRICE, placed, key=placed.c.step).group_by(placed.c.step)


def _capped(*wanted: ColumnElement[bool]) -> ColumnElement[Any]:
    """Count the products that are `wanted`, but not beyond what is shown."""
    some = (
        select(literal(1))
        .select_from(PRODUCT)
        .where(PRODUCT.c.withdrawn_at.is_(None), *wanted)
        .limit(COUNTED + 1)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


@cache
def supplier_counts() -> Lines:
    """Return the statement that counts each supplier's products for itself."""
    count = _capped(PRODUCT.c.supplier_id == SUPPLIER.c.id)
    lines = _lines(Facet.SUPPLIER, key=SUPPLIER.c.id, label=SUPPLIER.c.name, count=count)
    return lines.order_by(count.desc(), SUPPLIER.c.name).limit(SUPPLIERS)


@cache
def root_counts() -> Lines:
    """Return the statement that counts each main category's products for itself."""
    below = CATEGORY.alias("below")
    numbers = select(below.c.id).where(below.c.path[1] == CATEGORY.c.name).scalar_subquery()
    count = _capped(PRODUCT.c.category_id == func.any(func.array(numbers)))
    lines = _lines(Facet.CATEGORY, key=CATEGORY.c.id, label=CATEGORY.c.name, count=count)
    return lines.where(CATEGORY.c.parent_id.is_(None)).order_by(count.desc()).limit(CATEGORIES)
