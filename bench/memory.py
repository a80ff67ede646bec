"""What processes hold of the machine's memory."""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return a process and all that come of it."""
    children = [
        int(child)
        for task in (PROC / str(pid) / "task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [pid, *(one for child in children for one in family(child))]


def held_by(pids: list[int]) -> int:
    """Return kilobytes in memory, what several processes share divided among them."""
    lines = [
        line.split()
        for pid in pids
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    ]
    return sum(int(line[1]) for line in lines if line[0] == "Pss:")


def peak() -> float:
    """Return the most memory this process has had, in megabytes, without that of its parent."""
    status = (PROC / "self" / "status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
