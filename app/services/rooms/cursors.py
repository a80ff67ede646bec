"""Where a page of a list begins: the row at its edge by what it is sorted by, sealed as text."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import BigInteger, Integer

from app.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

_BITS: Final = {"whole": 31, "large": 63}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place beside one row: its `value` in the sort of that name, and its `key`."""

    sort: str
    value: Any
    key: Any

    def seal(self) -> str:
        """Return the cursor as text for an address."""
        packed = orjson.dumps([self.sort, self.value, self.key])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def open_cursor(
    sealed: str, *, sort: str, value: TypeEngine[Any] | None, key: TypeEngine[Any]
) -> Cursor:
    """Read a cursor of a list in the order `sort`, of columns of these types.

    Without a type of the value the list is in the order of its keys. Raises BadInput for anything
    that `Cursor.seal` could not have written for this order.
    """
    try:
        packed = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        name, its_value, its_key = orjson.loads(packed)
        if name == sort:
            found = None if value is None or its_value is None else of_type(value, its_value)
            return Cursor(sort, found, of_type(key, its_key))
    except (binascii.Error, ValueError, TypeError, ValidationError):
        pass
    raise BadInput("This page of the list does not exist any more. Start at the first one.")


def of_type(kind: TypeEngine[Any], given: object) -> Any:  # noqa: ANN401 - of whatever type a column is
    """Return what was given as a value of a column of that type. Raises ValueError."""
    python = kind.python_type
    found = TypeAdapter[Any](AwareDatetime if python is datetime else python).validate_python(given)
    if isinstance(found, str) and "\x00" in found:
        raise ValueError("no text of the database holds this letter")
    if python is int:
        bits = _BITS["large" if isinstance(kind, BigInteger) else "whole"]
        if isinstance(kind, Integer) and not -(2**bits) <= found < 2**bits:
            raise ValueError("no such number fits")
    return found
