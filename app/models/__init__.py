"""Tables and state names; importing this package registers every table."""

from app.models import (
    accounts,
    audit,
    catalogue,
    comparisons,
    feeds,
    flags,
    operations,
    ordering,
    rooms,
    snapshots,
)

__all__ = [
    "accounts",
    "audit",
    "catalogue",
    "comparisons",
    "feeds",
    "flags",
    "operations",
    "ordering",
    "rooms",
    "snapshots",
]
