"""Where a page of a listing starts: the sort key of the product at its edge, sealed as text."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import orjson

from app.errors import BadInput
from app.views.catalogue_query import MAX_PRICE, Sort

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_ID: Final = 2**63 - 1
# Up to the year 3000: what datetime and Postgres both can hold.
_LAST_INSTANT: Final = 32_503_680_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BrokenCursor(BadInput):
    """The text is not a place in this listing."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The products behind (`back`: before) the one with this sort key and id.

    `key` is the rank, the lower-case name, the price in minor units, or the moment in
    microseconds since 1970, after the order.
    """

    sort: Sort
    key: float | str | int
    product_id: int
    back: bool = False

    def seal(self) -> str:
        """Return the cursor as text for an address."""
        packed = orjson.dumps([self.sort, self.key, self.product_id, int(self.back)])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def open_cursor(sealed: str, sort: Sort) -> Cursor:
    """Read a cursor of a listing in the order `sort`.

    Raises BrokenCursor for anything that `Cursor.seal` did not write for this order.
    """
    try:
        packed = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        name, key, product_id, back = orjson.loads(packed)
        if name == sort and _is_id(product_id) and back in (0, 1) and _FITS[sort](key):
            return Cursor(sort, key, product_id, bool(back))
    except (binascii.Error, ValueError, TypeError):
        pass
    raise BrokenCursor("This page of the list does not exist any more; here is the first one.")


def microseconds(at: datetime) -> int:
    """Return a moment as whole microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(since_epoch: int) -> datetime:
    """Return the moment that `microseconds` counted."""
    return _EPOCH + timedelta(microseconds=since_epoch)


def _is_id(value: object) -> bool:
    return type(value) is int and 0 < value <= _MAX_ID


def _is_price(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_PRICE


def _is_instant(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LAST_INSTANT


def _is_rank(value: object) -> bool:
    return type(value) in (float, int)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and "\x00" not in value


_FITS: Final[dict[Sort, Callable[[object], bool]]] = {
    Sort.BEST: _is_rank,
    Sort.NEWEST: _is_instant,
    Sort.NAME: _is_name,
    Sort.PRICE_UP: _is_price,
    Sort.PRICE_DOWN: _is_price,
}
