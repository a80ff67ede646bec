"""The catalogue: filters, result bar, cards and rows."""

from components.catalogue.card import product_card
from components.catalogue.filters import filters
from components.catalogue.results import result_tools, results

__all__ = ["filters", "product_card", "result_tools", "results"]
