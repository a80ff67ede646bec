"""What a person is about to order: kept on the server, one line per product."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select
from sqlmodel import col

from app.errors import BadInput, NotFound
from app.models.accounts import Person
from app.models.catalogue import Product
from app.models.ordering import BasketLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.work import Work

MOST_PIECES = 9_999
MOST_LINES = 200
# Ids are a bigint; what lies beyond cannot be a product and would be an error of the database.
_LARGEST_ID = 2**63 - 1
_LOCK = (
    select(col(Person.id))
    .where(col(Person.id) == bindparam("person_id"))
    .with_for_update(key_share=True)
)


def lock_basket(work: Work, *, person_id: UUID) -> None:
    """Let one transaction at a time change or order this person's basket.

    The lock is on the person's row, so that it also holds for a basket that is empty, and leaves
    room for rows that refer to the person. Raises NotFound for somebody who does not exist.
    """
    if work.session.scalar(_LOCK, {"person_id": person_id}) is None:
        raise NotFound("Your account does not exist any more; sign in again.")


def add_to_basket(work: Work, *, person_id: UUID, product_id: int, quantity: int = 1) -> int:
    """Put `quantity` more pieces of a product into the basket; return how many lines it has.

    Raises BadInput for a quantity or a basket beyond its limits, NotFound for a product that is
    withdrawn or never was. A price that changed since an earlier piece still has to be accepted.
    """
    _check_quantity(quantity)
    lock_basket(work, person_id=person_id)
    product = _available_product(work, product_id)
    line = work.session.get(BasketLine, (person_id, product_id))
    if line is None:
        _check_room(work, person_id)
        work.session.add(
            BasketLine(
                person_id=person_id,
                product_id=product_id,
                quantity=quantity,
                accepted_price_minor=product.price_minor,
                accepted_currency=product.currency,
            )
        )
    else:
        _check_quantity(line.quantity + quantity)
        line.quantity += quantity
    work.touch(f"basket:{person_id}")
    work.session.flush()
    return basket_count(work, person_id=person_id)


def set_quantity(work: Work, *, person_id: UUID, product_id: int, quantity: int) -> None:
    """Say how many pieces of a product the basket holds.

    Raises BadInput beyond the limits, NotFound where the product is not in the basket.
    """
    _check_quantity(quantity)
    lock_basket(work, person_id=person_id)
    _line(work, person_id, product_id).quantity = quantity
    work.touch(f"basket:{person_id}")


def remove(work: Work, *, person_id: UUID, product_id: int) -> None:
    """Take a product out of the basket; nothing happens where it is out already."""
    lock_basket(work, person_id=person_id)
    work.session.execute(
        delete(BasketLine).where(
            col(BasketLine.person_id) == person_id, col(BasketLine.product_id) == product_id
        )
    )
    work.touch(f"basket:{person_id}")


def accept_price(work: Work, *, person_id: UUID, product_id: int, price_minor: int) -> None:
    """Agree to today's price of a line; `price_minor` is the price the person was shown.

    Raises NotFound where the product is not in the basket, BadInput where the price has changed
    once more since it was shown.
    """
    lock_basket(work, person_id=person_id)
    line = _line(work, person_id, product_id)
    product = _available_product(work, product_id)
    if product.price_minor != price_minor:
        raise BadInput("The price has changed again; look at the new one first.")
    line.accepted_price_minor = product.price_minor
    line.accepted_currency = product.currency
    work.touch(f"basket:{person_id}")


def accept_prices(work: Work, *, person_id: UUID, shown: Iterable[tuple[int, int]]) -> None:
    """Agree to several of today's prices at once: pairs of product id and the price shown."""
    for product_id, price_minor in shown:
        accept_price(work, person_id=person_id, product_id=product_id, price_minor=price_minor)


def basket_count(work: Work, *, person_id: UUID) -> int:
    """Return how many lines the person's basket has."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(BasketLine)
            .where(col(BasketLine.person_id) == person_id)
        )
        or 0
    )


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MOST_PIECES:
        raise BadInput(f"Order between 1 and {MOST_PIECES:,} pieces of one product.")


def _check_room(work: Work, person_id: UUID) -> None:
    if basket_count(work, person_id=person_id) >= MOST_LINES:
        raise BadInput(
            f"The basket is full with {MOST_LINES} products; place this order first, "
            "or remove something."
        )


def _available_product(work: Work, product_id: int) -> Product:
    product = work.session.get(Product, product_id) if 0 < product_id <= _LARGEST_ID else None
    if product is None or product.withdrawn_at is not None:
        raise NotFound("The supplier does not offer this product any more.")
    return product


def _line(work: Work, person_id: UUID, product_id: int) -> BasketLine:
    line = (
        work.session.get(BasketLine, (person_id, product_id))
        if 0 < product_id <= _LARGEST_ID
        else None
    )
    if line is None:
        raise NotFound("This product is not in your basket any more.")
    return line
