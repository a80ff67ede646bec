"""People who order, and baskets that can be ordered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.models.accounts import ROLE_PERMISSIONS, Person, Role
from app.models.columns import now, stored
from app.models.feeds import CompletionPolicy
from app.models.ordering import BasketLine
from app.services.ordering import add_to_basket, place_order
from app.views.accounts import Viewer
from app.views.ordering import AddressForm
from tests.factories.catalogue import a_feed, a_price, a_product, a_supplier

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models.catalogue import Product
    from app.work import Work

ADDRESS = AddressForm(
    recipient="Ada Lovelace",
    street="Kauppakatu 1",
    postcode="90100",
    city="Oulu",
    country="FI",
)


def a_viewer(session: Session, role: Role = Role.BUYER, name: str = "Ada Lovelace") -> Viewer:
    """Write a person of that role and return them as signed in."""
    number = uuid4().hex[:12]
    person = Person(
        issuer="https://issuer.example",
        subject=f"subject-{number}",
        email=f"person{number}@buyers.example",
        name=name,
        roles=[role],
        locale="en",
    )
    session.add(person)
    session.flush()
    return Viewer(
        person_id=stored(person.id),
        session_id=uuid4(),
        name=name,
        email=person.email,
        roles=(role,),
        permissions=ROLE_PERMISSIONS[role],
        locale="en",
    )


def an_operator(session: Session) -> Viewer:
    """Write an operator and return them as signed in."""
    return a_viewer(session, Role.OPERATOR, "Grace Hopper")


def some_products(
    session: Session,
    suppliers: int = 1,
    *,
    policy: CompletionPolicy = CompletionPolicy.SENT,
    each: int = 1,
) -> list[Product]:
    """Write products of that many suppliers, `each` of each."""
    products: list[Product] = []
    for index in range(suppliers):
        supplier = a_supplier(session, f"Supplier {index + 1}")
        supplier.order_email = f"orders@supplier{index + 1}.example"
        supplier.completion_policy = policy
        feed = a_feed(session, supplier, name=f"feed {index + 1}")
        products += [
            a_product(session, feed, f"Screwdriver {index + 1}.{piece + 1}", sku=f"S{index}{piece}")
            for piece in range(each)
        ]
    return products


def change_price(session: Session, product: Product, price_minor: int) -> None:
    """Give a product a new price with its price point, as a sync does."""
    product.price_minor = price_minor
    product.price_since = now()
    a_price(session, product, price_minor, days_ago=0)


def a_basket_line(session: Session, viewer: Viewer, product: Product, quantity: int = 1) -> None:
    """Put a product into a basket without asking the service."""
    session.add(
        BasketLine(
            person_id=viewer.person_id,
            product_id=stored(product.id),
            quantity=quantity,
            accepted_price_minor=product.price_minor,
            accepted_currency=product.currency,
        )
    )
    session.flush()


def an_order(work: Work, viewer: Viewer, products: list[Product], **given: Any) -> int:
    """Place an order of one piece of each product; return its number."""
    for product in products:
        add_to_basket(work, person_id=viewer.person_id, product_id=stored(product.id))
    placed = place_order(work, buyer=viewer, request_key=uuid4(), ship_to=replace(ADDRESS), **given)
    return placed.number
