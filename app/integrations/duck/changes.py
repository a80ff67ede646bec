"""Reading a comparison's file: one page of its rows, or all of them, as they were sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.integrations.duck.connection import files, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes: of a kind, of a supplier, below a category, by that share of a price or more.

    Of what is "", None or () there is any. `at_least` is in per cent, of changes up and down.
    """

    kind: str = ""
    supplier_id: int | None = None
    category: tuple[str, ...] = ()
    at_least: float | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """Return the condition of a statement, and its values in their order."""
        category = f"coalesce(category_after, category_before)[1:{len(self.category)}] = ?"
        given = (
            ("list_contains(kinds, ?)", self.kind or None),
            ("supplier_id = ?", self.supplier_id),
            (category, list(self.category) or None),
            ("abs(percent) >= ?", self.at_least),
        )
        asked = [(test, value) for test, value in given if value is not None]
        return " AND ".join(("true", *(test for test, _ in asked))), [value for _, value in asked]


def read_changes(
    path: Path, wanted: Wanted, *, after: int, most: int
) -> tuple[list[dict[str, Any]], int]:
    """Return up to `most` rows below the place `after` (-1 is the top), and how many there are.

    Each row has its `place`; the number is of all that are wanted, wherever they stand.
    """
    condition, values = wanted.condition()
    with opened() as connection:
        counted: Any = connection.execute(
            f"SELECT count(*) FROM {files([path])} WHERE {condition}",  # noqa: S608 - our own
            values,
        ).fetchone()
        rows = _rows(
            connection.execute(
                f"""
                SELECT *, file_row_number AS place
                FROM read_parquet(?, file_row_number = true)
                WHERE file_row_number > ? AND {condition}
                ORDER BY file_row_number
                LIMIT ?
                """,  # noqa: S608 - our own
                [str(path), after, *values, most],
            ),
            most,
        )
        return rows, counted[0]


def all_changes(path: Path, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield every row that is wanted, never many at once."""
    condition, values = wanted.condition()
    with opened() as connection:
        found = connection.execute(
            f"SELECT * FROM {files([path])} WHERE {condition}",  # noqa: S608 - our own
            values,
        )
        while rows := _rows(found, _AT_ONCE):
            yield from rows


def _rows(found: duckdb.DuckDBPyConnection, most: int) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchmany(most)]
