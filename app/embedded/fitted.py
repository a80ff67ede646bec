"""The settings of the embedded Postgres that follow from this machine's memory.

Postgres comes set for 128 MB of cache, whatever it runs on. The shares here leave most of the
memory to the other children and to the system's file cache, since everything is one machine.
What each brings stands in `docs/performance.md`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

MIB: Final = 1 << 20
# What a container may use, where it is one (cgroup v2, then v1).
LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_bytes() -> int:
    """Return how much memory this program may use: the machine's, or its container's if less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *(limit for file in LIMITS if (limit := _limit(file)))])


def _limit(file: Path) -> int | None:
    try:
        content = file.read_text().strip()
    except OSError:
        return None
    return int(content) if content.isdigit() else None  # "max" is no limit


def fitted(memory: int) -> dict[str, str]:
    """Return the settings for a machine with `memory` bytes, as Postgres writes them."""
    return {
        # Pages that are hot stay here; what is beyond is found in the system's cache.
        "shared_buffers": _share(memory, 8, least=128, most=4096),
        "effective_cache_size": _share(memory, 2, least=256, most=65_536),
        # Bitmaps over a million products must stay exact, and counts must not go to disk.
        "work_mem": _share(memory, 512, least=8, most=64),
        "maintenance_work_mem": _share(memory, 32, least=64, most=1024),
        # A first load writes more than the gigabyte after which Postgres forces a checkpoint,
        # and every checkpoint writes each page whole once more.
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        # Embedded means a disk without a moving head: reading here and there costs little more.
        "random_page_cost": "1.1",
        # Compiling takes longer than any statement of ours that is in a person's way.
        "jit": "off",
    }


def _share(memory: int, part: int, *, least: int, most: int) -> str:
    return f"{min(max(memory // part // MIB, least), most)}MB"
