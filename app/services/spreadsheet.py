"""Files that people open in a spreadsheet."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

CSV: Final = "text/csv; charset=utf-8"
# What a spreadsheet takes for the start of a formula, also behind blanks and in wide letters.
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - wide is meant
_PASSED_OVER: Final = ("\t", "\r", "\n")


def harmless(value: Any) -> object:  # noqa: ANN401 - whatever stands in a field
    """Return a value as no spreadsheet takes it for a formula."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str) and (
        value.startswith(_PASSED_OVER) or value.lstrip().startswith(_FORMULA)
    ):
        return f"'{value}"
    return value
