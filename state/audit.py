"""What this process notes by itself: the settings it started with, and what its doors refuse."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

from app.acting import service_acts
from app.services.audit import note_refusals
from app.services.operations.noted_settings import note_settings
from app.work import within

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.work import Work

    P = ParamSpec("P")

NOTE_EVERY_SECONDS: Final = 60.0

log = logging.getLogger(__name__)


async def keep_noting() -> None:
    """Note the settings, then what was refused once a minute and when this is cancelled."""
    service_acts("web")
    await asyncio.to_thread(_note, note_settings, process="web")
    try:
        while True:
            await asyncio.sleep(NOTE_EVERY_SECONDS)
            await asyncio.to_thread(_note, note_refusals)
    finally:
        _note(note_refusals)


def _note(use_case: Callable[Concatenate[Work, P], Any], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        within(use_case, *args, **kwargs)
    except Exception as problem:  # noqa: BLE001 - pages go on; what was refused is kept for later
        log.warning("Something could not be noted in the audit now: %s", problem)
