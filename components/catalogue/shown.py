"""What the components of the catalogue can show: the catalogue, or a snapshot of it."""

from __future__ import annotations

from state.catalogue import CatalogueState
from state.snapshot import SnapshotState

Shown = type[CatalogueState] | type[SnapshotState]
