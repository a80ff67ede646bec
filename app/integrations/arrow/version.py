"""Which schema the files of snapshots have; beside no vendor, since pages show it."""

from __future__ import annotations

from typing import Final

# Raised by whoever changes a column, or what goes into `row_hash`.
SCHEMA_VERSION: Final = 1
