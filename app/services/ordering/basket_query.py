"""What the basket's page shows."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, Integer, bindparam, exists, func, select
from sqlmodel import col

from app.models.catalogue import Product, Store
from app.models.feeds import Supplier
from app.models.ordering import BasketLine
from app.views.formatting import money
from app.views.ordering import BasketGroup, BasketLineView, BasketView
from app.views.pickup import BasketPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.work import Work

_WITH_STORES = select(col(Supplier.id)).where(
    col(Supplier.id) == func.any(bindparam("suppliers", type_=ARRAY(Integer))),
    exists().where(col(Store.supplier_id) == col(Supplier.id), col(Store.withdrawn_at).is_(None)),
)


def basket(work: Work, *, person_id: UUID, locale: str = "en") -> BasketView:
    """Return a person's basket at today's prices, by supplier and currency."""
    rows = work.session.execute(
        select(BasketLine, Product, col(Supplier.name))
        .join(Product, col(Product.id) == col(BasketLine.product_id))
        .join(Supplier, col(Supplier.id) == col(Product.supplier_id))
        .where(col(BasketLine.person_id) == person_id)
        .order_by(col(Supplier.name), col(Product.currency), col(BasketLine.added_at))
    ).all()
    groups: dict[tuple[int, str], list[tuple[BasketLine, Product, str]]] = {}
    for line, product, supplier in rows:
        group = groups.setdefault((product.supplier_id, product.currency), [])
        group.append((line, product, supplier))
    changed = sum(_price_has_changed(line, product) for line, product, _ in rows)
    withdrawn = sum(product.withdrawn_at is not None for _, product, _ in rows)
    problem = _basket_problem(len(rows), withdrawn, changed)
    return BasketView(
        parts=_parts(work, {product.supplier_id: supplier for _, product, supplier in rows}),
        groups=tuple(_basket_group(group, locale) for group in groups.values()),
        totals=_totals(chain.from_iterable(groups.values()), locale),
        lines=len(rows),
        price_changes=changed,
        can_order=not problem,
        problem=problem,
    )


def _parts(work: Work, suppliers: dict[int, str]) -> tuple[BasketPart, ...]:
    has_stores = set(work.session.scalars(_WITH_STORES, {"suppliers": [*suppliers]}))
    return tuple(BasketPart(key, name, key in has_stores) for key, name in suppliers.items())


def _totals(lines: Iterable[tuple[BasketLine, Product, str]], locale: str) -> tuple[str, ...]:
    """Return what can be ordered costs together, one amount per currency."""
    sums: dict[str, int] = defaultdict(int)
    for line, product, _ in lines:
        if product.withdrawn_at is None:
            sums[product.currency] += line.quantity * product.price_minor
    return tuple(money(minor, currency, locale) for currency, minor in sorted(sums.items()))


def _basket_problem(lines: int, withdrawn: int, changed: int) -> str:
    if not lines:
        return "The basket is empty."
    if withdrawn:
        return "Remove what is not offered any more."
    return "Accept the changed prices first." if changed else ""


def _price_has_changed(line: BasketLine, product: Product) -> bool:
    taken_at = (line.accepted_price_minor, line.accepted_currency)
    return product.withdrawn_at is None and taken_at != (product.price_minor, product.currency)


def _basket_group(rows: Sequence[tuple[BasketLine, Product, str]], locale: str) -> BasketGroup:
    _, first, supplier = rows[0]
    subtotal = sum(
        line.quantity * product.price_minor
        for line, product, _ in rows
        if product.withdrawn_at is None
    )
    return BasketGroup(
        supplier_id=first.supplier_id,
        supplier=supplier,
        currency=first.currency,
        lines=tuple(_basket_line(line, product, locale) for line, product, _ in rows),
        subtotal=money(subtotal, first.currency, locale),
    )


def _basket_line(line: BasketLine, product: Product, locale: str) -> BasketLineView:
    changed = _price_has_changed(line, product)
    old = money(line.accepted_price_minor, line.accepted_currency, locale) if changed else ""
    price = money(product.price_minor, product.currency, locale)
    withdrawn = product.withdrawn_at is not None
    problem = ""
    if withdrawn:
        problem = "Not offered any more."
    elif changed:
        problem = f"The price changed from {old} to {price} since you took it."
    elif product.stock is not None and product.stock < line.quantity:
        problem = "Out of stock." if product.stock <= 0 else f"Only {product.stock:,} in stock."
    return BasketLineView(
        product_id=line.product_id,
        name=product.name,
        sku=product.sku or product.external_id,
        quantity=line.quantity,
        price_minor=product.price_minor,
        price=price,
        total=money(line.quantity * product.price_minor, product.currency, locale),
        old_price=old,
        price_changed=changed,
        withdrawn=withdrawn,
        out_of_stock=product.stock is not None and product.stock <= 0,
        stock=product.stock,
        problem=problem,
    )
