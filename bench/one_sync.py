"""One sync as a worker of the queue `feeds` does it, which has done others before.

`python -m bench.one_sync FEED…` syncs one after the other and prints one line of JSON about the
last: the counts, the `seconds` from taking the run to its end, with connecting and committing, and
the most `megabytes` the process held.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from importlib import import_module
from time import perf_counter
from typing import Any

import orjson

from app.models.operations import Queue
from app.services.feeds import feed_id_of, pull_feed, request_sync
from app.work import reading, within
from bench.memory import peak
from jobs.worker import MODULES


def main() -> None:
    """Sync the feeds of these names; exit with the problem where one fails."""
    import_module(MODULES[Queue.FEEDS])
    found: dict[str, Any] = {}
    for name in sys.argv[1:]:
        found = _sync(name)
    print(orjson.dumps({**found, "megabytes": peak()}).decode())


def _sync(name: str) -> dict[str, Any]:
    feed_id = reading(feed_id_of, name=name)
    asked = within(request_sync, feed_id=feed_id, queued=False)
    began = perf_counter()
    run = pull_feed(run_id=asked.id)
    seconds = perf_counter() - began
    if run.problem:
        sys.exit(run.problem)
    return {**asdict(run.counts), "seconds": seconds}


if __name__ == "__main__":
    main()
