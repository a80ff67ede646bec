"""Rows of Postgres as Arrow batches, through ADBC, as they were at one moment."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import adbc_driver_manager
from adbc_driver_postgresql import dbapi

from app.errors import Unavailable
from app.integrations.arrow.parquet import PART_ROWS, Part, write_parts
from app.integrations.arrow.typed import SCHEMA, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from types import TracebackType

    import pyarrow as pa

    from app.integrations.uploads import Upload

# How much of a result is turned to Arrow at once.
BATCH_BYTES: Final = 4 * 2**20
# A plan for one long answer: machine code does not pay for itself here, and helpers would take the
# processor from those who search meanwhile.
_SETTINGS: Final = {
    "TimeZone": "UTC",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
}


class Stopped(Exception):
    """The stream was told to stop."""


class Stream:
    """A connection of its own that sees what an exported snapshot of Postgres sees.

    As a context. `stop` may be called by another thread: who reads then gets Stopped, at once.
    """

    def __init__(self, url: str, *, moment: str) -> None:
        """Read from the database at `url` as of `moment`, from `pg_export_snapshot()`.

        The transaction that has exported it must stay open until this has connected.
        """
        self._url = url
        self._moment = moment
        self._stopped = threading.Event()
        self._connection: Any = None
        self._reading: Generator[pa.RecordBatch] | None = None

    def __enter__(self) -> Self:
        """Connect. Raises Unavailable where the database does not answer."""
        options = quote(" ".join(f"-c {name}={_escaped(to)}" for name, to in _SETTINGS.items()))
        mark = "&" if "?" in self._url else "?"
        try:
            self._connection = dbapi.connect(f"{self._url}{mark}options={options}")
            with self._connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION SNAPSHOT '{self._moment}'")
        except adbc_driver_manager.Error as problem:
            self._disconnect()
            raise Unavailable("The database cannot be read as of one moment.") from problem
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        if self._reading is not None:
            self._reading.close()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(adbc_driver_manager.Error):
                self._connection.close()

    def stop(self) -> None:
        """End the stream, whatever it waits for."""
        self._stopped.set()
        with suppress(adbc_driver_manager.Error):
            self._connection.adbc_cancel()

    def written(
        self,
        query: str,
        *,
        opened: Callable[[str], Upload],
        about: Mapping[str, str],
        part_rows: int = PART_ROWS,
    ) -> Generator[Part | int]:
        """Write the rows of `query`, which holds its values, as `write_parts` says.

        Raises Stopped after `stop`, Unavailable where the database goes away.
        """
        self._reading = self._read(query)
        return write_parts(
            map(typed, self._reading),
            schema=SCHEMA,
            opened=opened,
            about=about,
            part_rows=part_rows,
        )

    def _read(self, query: str) -> Generator[pa.RecordBatch]:
        options = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
        try:
            with self._connection.cursor(adbc_stmt_kwargs=options) as cursor:
                cursor.execute(query)
                with cursor.fetch_record_batch() as reader:
                    for batch in reader:
                        self._refuse_stopped()
                        yield batch
        except (adbc_driver_manager.Error, OSError) as problem:
            self._refuse_stopped()
            raise Unavailable("The database ended the capture.") from problem

    def _refuse_stopped(self) -> None:
        if self._stopped.is_set():
            raise Stopped


def _escaped(value: str) -> str:
    """Return a value as libpq's options take it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
