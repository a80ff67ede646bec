"""What the components of the catalogue can show: the catalogue, a snapshot of it, or a past day."""

from __future__ import annotations

from state.catalogue import CatalogueState
from state.catalogue_of_day import CatalogueOfDayState
from state.snapshot import SnapshotState

Shown = type[CatalogueState] | type[SnapshotState] | type[CatalogueOfDayState]
