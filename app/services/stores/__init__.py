"""Stores: which stand where on a map, which are nearest, and what is known of one."""

from app.services.stores.find import find_places
from app.services.stores.map import stores_in_bounds
from app.services.stores.near import nearest_stores, show_store

__all__ = ["find_places", "nearest_stores", "show_store", "stores_in_bounds"]
