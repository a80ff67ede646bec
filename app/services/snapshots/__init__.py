"""Snapshots: asking for them, seeing them, and the ways to them.

Capturing, verifying and deleting are in modules of their own, which load Arrow or take long: the
jobs and the command line import those.
"""

from __future__ import annotations

from app.services.snapshots.links import (
    LINKS,
    PARAMETER,
    LinkExpired,
    LinkForged,
    LinkRefused,
    LinkRevoked,
    address_of,
    downloads_of,
    follow_link,
    signed_link,
)
from app.services.snapshots.queries import (
    list_snapshots,
    parts_of,
    show_snapshot,
    snapshot_of_day,
    snapshots_around,
)
from app.services.snapshots.request import cancel_snapshot, request_snapshot
from app.services.snapshots.states import LIST_TOPIC, topic_of

__all__ = [
    "LINKS",
    "LIST_TOPIC",
    "PARAMETER",
    "LinkExpired",
    "LinkForged",
    "LinkRefused",
    "LinkRevoked",
    "address_of",
    "cancel_snapshot",
    "downloads_of",
    "follow_link",
    "list_snapshots",
    "parts_of",
    "request_snapshot",
    "show_snapshot",
    "signed_link",
    "snapshot_of_day",
    "snapshots_around",
    "topic_of",
]
