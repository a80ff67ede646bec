"""Stores: in a list beside a map, and one by one."""

from components.stores.finder import finder
from components.stores.page import store_page, store_title

__all__ = ["finder", "store_page", "store_title"]
