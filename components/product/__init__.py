"""The page of one product."""

from components.product.detail import product_page

__all__ = ["product_page"]
