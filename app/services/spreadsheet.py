"""Files that people open in a spreadsheet: the one place that writes CSV, for people, harmless."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

CSV: Final = "text/csv; charset=utf-8"
# So that a spreadsheet does not take it for the alphabet of the machine.
_BYTE_ORDER_MARK: Final = "\ufeff"
_PIECE: Final = 64_000
# Held in memory up to here, then in a file of its own.
_IN_MEMORY: Final = 4 * 2**20
# What a spreadsheet takes for the start of a formula, also behind blanks and in wide letters.
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - wide is meant
_PASSED_OVER: Final = ("\t", "\r", "\n")


def csv_pieces(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Yield rows, their titles first, as a CSV file: some kilobytes at a time, however many.

    Nothing in it is a formula, see `harmless`.
    """
    text = io.StringIO(_BYTE_ORDER_MARK, newline="")
    text.seek(0, io.SEEK_END)
    # All texts in quotes: where a comma is for fractions, a semicolon would begin another cell.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        if text.tell() >= _PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


@contextmanager
def written_csv(rows: Iterable[Iterable[object]]) -> Generator[IO[bytes]]:
    """Give rows as `csv_pieces` writes them in a file, at its start, for as long as a block."""
    with SpooledTemporaryFile[bytes](max_size=_IN_MEMORY) as file:
        file.writelines(csv_pieces(rows))
        file.seek(0)
        yield file


def harmless(value: Any) -> object:  # noqa: ANN401 - whatever stands in a field
    """Return a value as no spreadsheet takes it for a formula."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str) and (
        value.startswith(_PASSED_OVER) or value.lstrip().startswith(_FORMULA)
    ):
        return f"'{value}"
    return value
