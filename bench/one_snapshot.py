"""Snapshots as a worker of the queue `snapshots` takes them, and their floor.

`python -m bench.one_snapshot ours|floor NUMBER [giving-way]` does it so many times and prints a
line of JSON for each: `seconds`, and the most `megabytes` the process has held until then. The
floor is the same statement through ADBC straight into a local Parquet file, by the same writer: no
bucket, no hashes, no types of ours, no transaction that says how far it is.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from adbc_driver_postgresql import dbapi

from app import db
from app.integrations.arrow.parquet import GROUP_ROWS, PACKED
from app.integrations.arrow.source import BATCH_BYTES
from app.models.operations import Queue
from app.services.accounts import service_viewer
from app.services.catalogue import question_of
from app.services.snapshots import request_snapshot, show_snapshot
from app.services.snapshots.statements import captured
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading, within
from bench.memory import peak
from jobs.worker import MODULES, give_way

VIEWER = service_viewer("bench")
FILE = Path("snapshot.parquet")


def ours() -> float:
    """Take a snapshot of everything; return the seconds until it is stored."""
    from app.services.snapshots.capture import capture_snapshot  # noqa: PLC0415 - the floor has none

    asked = within(request_snapshot, viewer=VIEWER, queued=False)
    began = perf_counter()
    capture_snapshot(snapshot_id=asked.id)
    seconds = perf_counter() - began
    found = reading(show_snapshot, viewer=VIEWER, snapshot_id=asked.id)
    if not found.is_readable:
        sys.exit(found.problem)
    return seconds


def floor() -> float:
    """Write what a snapshot of everything would hold to a local file; return the seconds."""
    with open_work(read_only=True) as work:
        connection = work.session.connection()
        question = question_of(connection, CatalogueQuery())
        query = db.spelled_out(connection, captured(question.shape), question.values)
    began = perf_counter()
    hint = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
    options = "?options=-c%20jit%3Doff%20-c%20max_parallel_workers_per_gather%3D0"
    with (
        dbapi.connect(db.reading_url() + options) as adbc,
        adbc.cursor(adbc_stmt_kwargs=hint) as cursor,
    ):
        cursor.execute(query)
        reader = cursor.fetch_record_batch()
        with pq.ParquetWriter(FILE, reader.schema, **PACKED) as writer:
            waiting: list[pa.RecordBatch] = []
            for batch in reader:
                waiting.append(batch)
                if sum(each.num_rows for each in waiting) >= GROUP_ROWS:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting = []
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
    return perf_counter() - began


def main() -> None:
    """Do one of the two so many times."""
    import_module(MODULES[Queue.SNAPSHOTS])
    if sys.argv[3:] == ["giving-way"]:
        give_way(Queue.SNAPSHOTS)
    which = {"ours": ours, "floor": floor}[sys.argv[1]]
    for _ in range(int(sys.argv[2])):
        seconds = which()
        print(orjson.dumps({"seconds": seconds, "megabytes": peak()}).decode(), flush=True)
    FILE.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
