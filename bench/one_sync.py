"""One sync in a process that holds what a worker of the queue `feeds` holds.

`python -m bench.one_sync FEED` syncs it and prints one line of JSON: the counts, the `seconds` from
taking the run to its end, with connecting and committing, and the most `megabytes` it held.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from time import perf_counter

import orjson

from app.models.operations import Queue
from app.services.feeds import feed_id_of, pull_feed, request_sync
from app.work import reading, within
from jobs.worker import MODULES


def main() -> None:
    """Sync the feed of that name; exit with the problem where it fails."""
    import_module(MODULES[Queue.FEEDS])
    feed_id = reading(feed_id_of, name=sys.argv[1])
    asked = within(request_sync, feed_id=feed_id, queued=False)
    began = perf_counter()
    run = pull_feed(run_id=asked.id)
    seconds = perf_counter() - began
    if run.problem:
        sys.exit(run.problem)
    found = {**asdict(run.counts), "seconds": seconds, "megabytes": _peak()}
    print(orjson.dumps(found).decode())


def _peak() -> float:
    """Return the most memory this process has had, in megabytes, without that of its parent."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
