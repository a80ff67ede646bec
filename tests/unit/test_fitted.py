"""The embedded Postgres is set for the memory that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.embedded import fitted as module
from app.embedded.fitted import fitted, memory_bytes

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1 << 30


def test_a_container_s_limit_counts_where_it_is_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(module, "LIMITS", (tmp_path / "missing", limit))
    whole = memory_bytes()
    limit.write_text("max\n")
    assert memory_bytes() == whole
    limit.write_text(f"{64 << 20}\n")
    assert memory_bytes() == 64 << 20
    limit.write_text(f"{whole * 2}\n")
    assert memory_bytes() == whole


@pytest.mark.parametrize(
    ("memory", "buffers", "per_sort"),
    [(GIB // 2, "128MB", "8MB"), (8 * GIB, "1024MB", "16MB"), (512 * GIB, "4096MB", "64MB")],
)
def test_caches_grow_with_the_memory_within_bounds(
    memory: int, buffers: str, per_sort: str
) -> None:
    settings = fitted(memory)
    assert settings["shared_buffers"] == buffers
    assert settings["work_mem"] == per_sort
