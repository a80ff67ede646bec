"""The catalogue: searching it, and reading one product."""

from app.services.catalogue.product import show_product
from app.services.catalogue.queries import search_catalogue

__all__ = ["search_catalogue", "show_product"]
