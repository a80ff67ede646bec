"""Arrow batches to Parquet files, one after the other, each as it is being made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from app.integrations.arrow.typed import REPEATING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from app.integrations.uploads import Upload

# What is compressed together, and the least that another program reads: large enough to be read
# quickly, small enough to be held.
GROUP_ROWS: Final = 32_000
# A file that is opened, downloaded and checked as a whole.
PART_ROWS: Final = 1_024_000
# How values are packed, as the writer takes it. Whoever reads a file learns it from the file.
PACKED: Final[dict[str, Any]] = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": list(REPEATING),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file that is complete."""

    name: str
    rows: int
    bytes: int
    sha256: str


def write_parts(
    batches: Iterator[pa.RecordBatch],
    *,
    schema: pa.Schema,
    opened: Callable[[str], Upload],
    about: Mapping[str, str],
    part_rows: int = PART_ROWS,
) -> Generator[Part | int]:
    """Write batches to files `part-00000.parquet`, …; at least one, however few rows there are.

    `opened` begins the upload of a file by its name; `about` is written into each. Yields the
    number of rows written so far after each group of rows, and each part once it is complete.
    """
    schema = schema.with_metadata({**(schema.metadata or {}), **about})
    groups = _groups(batches, schema)
    group = next(groups, None)
    number, total = 0, 0
    while group is not None or number == 0:
        name = f"part-{number:05}.parquet"
        rows = 0
        with opened(name) as upload, _writer(upload, schema) as writer:
            while group is not None and rows < part_rows:
                writer.write_table(group, row_group_size=group.num_rows)
                rows += group.num_rows
                yield total + rows
                group = next(groups, None)
        total += rows
        number += 1
        yield Part(name, rows, upload.bytes, upload.sha256)


def _groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield batches together, as many as are written as one group of rows."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= GROUP_ROWS:
            yield pa.Table.from_batches(waiting).cast(schema)
            waiting, rows = [], 0
    if rows:
        yield pa.Table.from_batches(waiting).cast(schema)


def _writer(upload: Upload, schema: pa.Schema) -> pq.ParquetWriter:
    into: Any = _Sink(upload)
    return pq.ParquetWriter(into, schema, write_statistics=True, **PACKED)


class _Sink:
    """An upload as Arrow writes to a file."""

    closed = False

    def __init__(self, upload: Upload) -> None:
        self._upload = upload

    def write(self, content: bytes) -> int:
        """Take the next bytes."""
        return self._upload.write(bytes(content))

    def tell(self) -> int:
        """Return how many bytes there are."""
        return self._upload.bytes

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """The upload is completed by whoever has opened it."""
        self.closed = True
