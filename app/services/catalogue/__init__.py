"""The catalogue: searching it, reading one product, showing its pictures."""

from app.services.catalogue.pictures import load_picture, picture_source
from app.services.catalogue.product import show_product
from app.services.catalogue.queries import products_found, question_of, search_catalogue
from app.services.catalogue.quick import quick_search

__all__ = [
    "load_picture",
    "picture_source",
    "products_found",
    "question_of",
    "quick_search",
    "search_catalogue",
    "show_product",
]
