"""A DuckDB of its own for one piece of work, that takes no more than it is given."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

# What does not fit goes to a folder that ends with the work.
MEMORY: Final = "256MB"
MOST_ON_DISK: Final = "8GB"
# The rest of the machine is for those who search meanwhile.
THREADS: Final = 2


@contextmanager
def opened(*, memory: str = MEMORY) -> Generator[duckdb.DuckDBPyConnection]:
    """Give a database in memory. Raises Unavailable where it runs out of what it may take."""
    with tempfile.TemporaryDirectory(prefix="duck-") as spill:
        connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "max_temp_directory_size": MOST_ON_DISK,
                "temp_directory": spill,
                "threads": THREADS,
                "parquet_metadata_cache": True,
                "autoinstall_known_extensions": False,
            }
        )
        try:
            yield connection
        except (duckdb.OutOfMemoryException, duckdb.IOException) as problem:
            raise Unavailable(
                "There is not enough room, or a file is gone: try again in a minute."
            ) from problem
        finally:
            connection.close()


def files(paths: Sequence[Path]) -> str:
    """Return Parquet files as a table of a statement; their names are our own."""
    named = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{named}])"
