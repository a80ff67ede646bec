"""What a visitor is told when a handler fails in a way it does not handle itself."""

from __future__ import annotations

import logging

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError

log = logging.getLogger(__name__)


def explain_failure(exception: Exception) -> EventSpec:
    """Return a toast: the error's own sentence, or that the mistake is ours and was noted."""
    if isinstance(exception, AppError):
        log.warning("An event ended with: %s", exception.sentence)
        return rx.toast.error(exception.sentence)
    log.error("An event failed", exc_info=exception)
    return rx.toast.error("That did not work. The mistake is ours and has been noted.")


def note_browser_failure(exception: Exception) -> None:
    """Keep what a page reported about itself; its words are a visitor's, and only logged."""
    log.warning("A page reported a failure: %s", exception)
