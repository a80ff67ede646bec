"""The sizes in which pictures of products are sent and shown."""

from __future__ import annotations

from enum import IntEnum


class Width(IntEnum):
    """How wide a picture is sent at most, in pixels; a smaller original is not made larger."""

    THUMB = 160
    CARD = 400
    LARGE = 800
