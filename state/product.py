"""One product on its page."""

from __future__ import annotations

import logging

import reflex as rx

from app.errors import NotFound
from app.services.catalogue import show_product
from app.views.product_text import NO_PRODUCT, ProductText, product_text
from state.base import in_reading
from state.catalogue import reader_locale
from state.guard import public_catalogue

MOST_PIECES = 9999
_MAX_DIGITS = 18

log = logging.getLogger(__name__)


def product_id(path: str) -> int:
    """Return the id at the end of a product's path, 0 where there is none."""
    word = path.rstrip("/").rpartition("/")[2]
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _MAX_DIGITS else 0


class ProductState(rx.State):
    """The product on screen; `phase` is loading, shown, missing or failed.

    `path` is the address that all of it belongs to: on the way to another product the state still
    holds the last one, with a button that would add that one.
    """

    phase: str = "loading"
    path: str = ""
    product: ProductText = NO_PRODUCT
    picture: int = 0
    quantity: int = 1

    @rx.event
    @public_catalogue
    async def load(self) -> None:
        """Show the product of the address."""
        path = self.router.url.path
        number = product_id(path)
        if number != self.product.card.id:
            self.reset()
        try:
            page = await in_reading(show_product, product_id=number)
        except NotFound:
            self.phase = "missing"
        except Exception:
            log.exception("A product could not be read")
            self.phase = "failed"
        else:
            self.product = product_text(page, reader_locale(self))
            self.phase = "shown"
        self.path = path

    @rx.event
    @public_catalogue
    def show_picture(self, place: int) -> None:
        """Show another picture of the product."""
        if 0 <= place < len(self.product.pictures):
            self.picture = place

    @rx.event
    @public_catalogue
    def step_quantity(self, by: int) -> None:
        """Choose more or fewer pieces."""
        self.quantity = min(max(self.quantity + by, 1), MOST_PIECES)

    @rx.event
    @public_catalogue
    def set_quantity(self, typed: str) -> None:
        """Take the typed number of pieces; what is no number changes nothing."""
        word = typed.strip()
        if word.isascii() and word.isdigit() and len(word) <= _MAX_DIGITS:
            self.quantity = min(max(int(word), 1), MOST_PIECES)
