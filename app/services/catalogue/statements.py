"""The statements that count how a result can be narrowed, written once per shape of question."""

from __future__ import annotations

from functools import lru_cache
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
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy import union_all as rows_of

from app.services.catalogue.listing import PAGE_SIZE
from app.services.catalogue.looks import Looks, is_whole
from app.services.catalogue.matching import COUNTED, Facet, Shape
from app.services.catalogue.tables import CATEGORY, PRODUCT, SUPPLIER, given

if TYPE_CHECKING:
    from typing import TypeAlias

    from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, Subquery

    Lines: TypeAlias = Select[*tuple[Any, ...]]

BRANDS: Final = 10
SUPPLIERS: Final = 20
CATEGORIES: Final = 24
BARS: Final = 20
# Prices that reach from small to this many times as much are drawn in equal steps of percent.
WIDE: Final = 12
# The lines that name the best matches instead of counting.
BEST: Final = "best"


@lru_cache(maxsize=256)
def counting(shape: Shape, depth: int, *, ranks: bool = False) -> CompoundSelect[*tuple[Any, ...]]:
    """Count everything in one statement: no match is looked at twice without need.

    `depth` is that of the chosen category in the tree, 0 for none. With `ranks` the `BEST` lines
    name the products of the first page, best first.
    """
    looks = Looks(shape, depth, ranks=ranks)
    all_matches = looks.at_all()
    own = {facet: looks.without(facet) if facet in looks.apart else all_matches for facet in Facet}
    in_stock = own[Facet.STOCK].groups
    priced = _priced(own[Facet.PRICE].groups)
    whole = is_whole(shape)
    return rows_of(
        *(
            _lines(f"total {name}", look.groups, count=_sum(look.groups))
            for name, look in {"all": all_matches, **own}.items()
            if name == "all" or look is not all_matches
        ),
        _supplier_counts() if whole else _suppliers(own[Facet.SUPPLIER].groups),
        _root_counts() if whole else _categories(own[Facet.CATEGORY].groups, depth),
        *(() if depth == 0 else (_trail(),)),
        _brands(own[Facet.BRAND].rows),
        _lines(Facet.STOCK, in_stock, count=_sum(in_stock)).where(in_stock.c.in_stock),
        _currencies(priced),
        _histogram(own[Facet.PRICE].rows, priced, is_chosen=Facet.PRICE in shape.chosen),
        *((_best(all_matches.rows),) if ranks else ()),
    )


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
        literal_column(f"'{facet}'", Text).label("facet"),
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


def _sum(groups: CTE) -> ColumnElement[Any]:
    """Return how many matches the groups hold together."""
    return cast(func.coalesce(func.sum(groups.c.matches), 0), BigInteger)


def _by(key: ColumnElement[Any], groups: CTE) -> Subquery:
    """Add groups up by one of their columns; `count` is the sum."""
    return select(key, _sum(groups).label("count")).group_by(key).subquery(f"by_{key.name}")


def _suppliers(groups: CTE) -> Lines:
    counted = _by(groups.c.supplier_id, groups)
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


def _categories(groups: CTE, depth: int) -> Lines:
    """Count the categories one step below the chosen one, each with all that is below it."""
    counted = _by(groups.c.category_id, groups)
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


def _priced(groups: CTE) -> CTE:
    """Select each currency with its lowest and highest price, and how many are priced in it."""
    currency = groups.c.currency
    return (
        select(
            currency,
            _sum(groups).label("matches"),
            func.min(groups.c.low).label("low"),
            func.max(groups.c.high).label("high"),
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
    low, high = priced.c.low, priced.c.high
    is_wide = and_(low > 0, low * WIDE < high)

    def place(price: ColumnElement[Any], is_wide: ColumnElement[bool]) -> ColumnElement[Any]:
        number = cast(price, Double)
        return case((is_wide, func.ln(number)), else_=number)

    bounds = (
        select(
            priced.c.currency,
            is_wide.label("is_wide"),
            place(low, is_wide).label("first"),
            place(high + 1, is_wide).label("last"),
        )
        .where(priced.c.currency == given("currency", Text()) if is_chosen else true())
        .order_by(priced.c.matches.desc(), priced.c.currency)
        .limit(1)
        .subquery("bounds")
    )
    price = place(source.c.price_minor, bounds.c.is_wide)
    placed = (
        select(func.width_bucket(price, bounds.c.first, bounds.c.last, BARS).label("step"))
        .select_from(source.join(bounds, bounds.c.currency == source.c.currency))
        .subquery("placed")
    )
    return _lines(Facet.PRICE, placed, key=placed.c.step).group_by(placed.c.step)


def _best(rows: CTE) -> Lines:
    """Name the products of the first page and, as the label, their ranks; one more shows a next."""
    number, rank = rows.c.id, rows.c.rank
    lines = _lines(BEST, rows, key=number, label=rank, count=literal(0, BigInteger))
    return _wrapped(lines.order_by(rank.desc(), number).limit(PAGE_SIZE + 1))


def _capped(*wanted: ColumnElement[bool]) -> ColumnElement[Any]:
    """Count the products that are `wanted`, but not beyond what is shown."""
    some = (
        select(literal(1))
        .select_from(PRODUCT)
        .where(PRODUCT.c.withdrawn_at.is_(None), *wanted)
        .limit(COUNTED + 1)
        .correlate(SUPPLIER, CATEGORY)
        .subquery()
    )
    return select(func.count()).select_from(some).correlate(SUPPLIER, CATEGORY).scalar_subquery()


def _supplier_counts() -> Lines:
    """Count each supplier's products for itself, by their index."""
    count = _capped(PRODUCT.c.supplier_id == SUPPLIER.c.id)
    lines = _lines(Facet.SUPPLIER, key=SUPPLIER.c.id, label=SUPPLIER.c.name, count=count)
    return _wrapped(lines.order_by(count.desc(), SUPPLIER.c.name).limit(SUPPLIERS))


def _root_counts() -> Lines:
    """Count each main category's products for itself, by their index."""
    below = CATEGORY.alias("below")
    of_root = select(below.c.id).where(below.c.path[1] == CATEGORY.c.name)
    numbers = of_root.correlate(CATEGORY).scalar_subquery()
    count = _capped(PRODUCT.c.category_id == func.any(func.array(numbers)))
    lines = _lines(Facet.CATEGORY, key=CATEGORY.c.id, label=CATEGORY.c.name, count=count)
    of_roots = lines.where(CATEGORY.c.parent_id.is_(None))
    return _wrapped(of_roots.order_by(count.desc(), CATEGORY.c.name).limit(CATEGORIES))
