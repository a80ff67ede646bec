"""Stores: which stand where on a map, which are nearest, and what is known of one."""

from app.services.stores.find import find_places
from app.services.stores.hours import opening_of
from app.services.stores.map import bounds_of_stores, stores_in_bounds
from app.services.stores.near import (
    around,
    metres_between,
    nearest_stores,
    show_store,
    stores_in_view,
    stores_without_place,
)
from app.services.stores.shelves import show_shelves
from app.services.stores.view import first_view, show_view

__all__ = [
    "around",
    "bounds_of_stores",
    "find_places",
    "first_view",
    "metres_between",
    "nearest_stores",
    "opening_of",
    "show_shelves",
    "show_store",
    "show_view",
    "stores_in_bounds",
    "stores_in_view",
    "stores_without_place",
]
