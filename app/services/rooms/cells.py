"""Values as most rooms write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from app.views.rooms import CellView

if TYPE_CHECKING:
    from datetime import datetime

# A row as the source of a room gives it: of whatever columns it selects.
AnyRow = Any
# The tone and the icon of a state, by its word.
Looks = dict[str, tuple[str, str]]


def badge(word: str, looks: Looks) -> CellView:
    """Return a state as a badge."""
    tone, icon = looks.get(word, ("neutral", "dot"))
    return CellView(word.capitalize(), tone=tone, icon=icon)


def moment(at: datetime | None, never: str = "") -> CellView:
    """Return a moment, or what to say where there is none."""
    return CellView(never) if at is None else CellView(at=at)


def pretty(payload: object) -> str:
    """Return a payload as people read JSON."""
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode()
