"""What the doors of this process refused goes into the audit, once a minute."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from app.services.audit import note_refusals
from app.work import within

NOTE_EVERY_SECONDS: Final = 60.0

log = logging.getLogger(__name__)


async def keep_noting_refusals() -> None:
    """Note what was refused until cancelled, and then once more."""
    try:
        while True:
            await asyncio.sleep(NOTE_EVERY_SECONDS)
            await asyncio.to_thread(_note)
    finally:
        _note()


def _note() -> None:
    try:
        within(note_refusals)
    except Exception as problem:  # noqa: BLE001 - it is kept, and tried again in a minute
        log.warning("What was refused is noted in the next minute: %s", problem)
