"""Finding a thing by a few letters of it: among what the one who asks may see, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select
from sqlmodel import col

from app.models.accounts import Permission, Person
from app.models.ordering import Order
from app.services.accounts import CATALOGUE
from app.services.catalogue import quick_search
from app.services.ordering.owned import LARGEST_NUMBER, visible_to
from app.services.palette.places import may_go
from app.views.catalogue_query import clean
from app.views.formatting import day, money
from app.views.palette import FoundGroup, FoundRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work

LONGEST: Final = 100
# Of each kind; who does not see it among so many types on.
AT_MOST: Final = 5
# The index of trigrams answers for so many letters.
LEAST_LETTERS: Final = 3
LEAST_PRODUCT_LETTERS: Final = 2


def find(
    work: Work, *, viewer: Viewer | None, text: str, locale: str = "en"
) -> tuple[FoundGroup, ...]:
    """Return what is called something like `text`, by kind; kinds of which there is none are out.

    Orders are the viewer's own, or all for who may read all; people are found by who may read
    them; products by everybody as far as the catalogue is public. `locale` is the reader's.
    """
    asked = clean(text)[:LONGEST]
    groups = (
        FoundGroup("Orders", _orders(work, viewer, asked)),
        FoundGroup("People", _people(work, viewer, asked)),
        # The last: it sets how its transaction plans.
        FoundGroup("Products", _products(work, viewer, asked, locale)),
    )
    return tuple(group for group in groups if group.rows)


def _orders(work: Work, viewer: Viewer | None, asked: str) -> tuple[FoundRow, ...]:
    """Return the order of that number, then those whose reference has the words, newest first."""
    if viewer is None or not viewer.may(Permission.ORDER_READ_OWN):
        return ()
    named: list[ColumnElement[bool]] = []
    number = asked.removeprefix("#")
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_NUMBER:
        named.append(col(Order.number) == int(number))
    if len(asked) >= LEAST_LETTERS:
        named.append(col(Order.reference).ilike(_containing(asked), escape="\\"))
    # One after the other: together they would be looked for among all orders, newest first.
    found = {
        row.number: row
        for condition in named
        for row in work.session.execute(
            select(
                col(Order.number),
                col(Order.reference),
                col(Order.state),
                col(Order.placed_at),
                col(Person.name),
            )
            .join(Person, col(Person.id) == col(Order.buyer_id))
            .where(condition, *visible_to(viewer))
            .order_by(col(Order.number).desc())
            .limit(AT_MOST)
        )
    }
    sees_all = viewer.may(Permission.ORDER_READ_ALL)
    return tuple(
        FoundRow(
            key=f"order-{order.number}",
            title=f"Order {order.number}",
            note=_note(
                order.reference,
                order.state,
                order.name if sees_all else "",
                day(order.placed_at, viewer.locale),
            ),
            icon="package",
            href=f"/orders/{order.number}",
        )
        for order in list(found.values())[:AT_MOST]
    )


def _people(work: Work, viewer: Viewer | None, asked: str) -> tuple[FoundRow, ...]:
    """Return people whose name or address has the words, by name."""
    if viewer is None or not viewer.may(Permission.PERSON_READ) or len(asked) < LEAST_LETTERS:
        return ()
    pattern = _containing(asked)
    found = work.session.execute(
        select(col(Person.id), col(Person.name), col(Person.email))
        .where(
            or_(
                col(Person.name).ilike(pattern, escape="\\"),
                col(Person.email).ilike(pattern, escape="\\"),
            )
        )
        .order_by(col(Person.name), col(Person.id))
        .limit(AT_MOST)
    )
    return tuple(
        FoundRow(
            key=f"person-{person_id}",
            title=name,
            note=email,
            icon="user",
            href=f"/admin/people/{person_id}",
        )
        for person_id, name, email in found
    )


def _products(work: Work, viewer: Viewer | None, asked: str, locale: str) -> tuple[FoundRow, ...]:
    if len(asked) < LEAST_PRODUCT_LETTERS or not may_go(CATALOGUE, viewer):
        return ()
    return tuple(
        FoundRow(
            key=f"product-{product.id}",
            title=product.name,
            note=_note(
                money(product.price_minor, product.currency, locale),
                product.supplier,
                product.brand,
            ),
            icon="box",
            href=f"/product/{product.id}",
        )
        for product in quick_search(work, text=asked, at_most=AT_MOST, viewer=viewer)
    )


def _containing(words: str) -> str:
    """Return the pattern of a text that has `words` somewhere."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _note(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
