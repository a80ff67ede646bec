"""Ordering: from the basket to the supplier's inbox."""

from app.services.ordering.abandon import abandon_order
from app.services.ordering.addresses import addresses, countries, remove_address
from app.services.ordering.basket_query import basket
from app.services.ordering.baskets import (
    accept_price,
    accept_prices,
    add_to_basket,
    basket_count,
    remove,
    set_quantity,
)
from app.services.ordering.cancel import cancel_order
from app.services.ordering.mailbox import list_messages, message
from app.services.ordering.pickup import pickup_choices
from app.services.ordering.place import place_order
from app.services.ordering.queries import mail, order, orders
from app.services.ordering.retry import confirm_receipt, retry_dispatch_of, retry_order
from app.services.ordering.setbacks import reopen_confirmation

__all__ = [
    "abandon_order",
    "accept_price",
    "accept_prices",
    "add_to_basket",
    "addresses",
    "basket",
    "basket_count",
    "cancel_order",
    "confirm_receipt",
    "countries",
    "list_messages",
    "mail",
    "message",
    "order",
    "orders",
    "pickup_choices",
    "place_order",
    "remove",
    "remove_address",
    "reopen_confirmation",
    "retry_dispatch_of",
    "retry_order",
    "set_quantity",
]
