"""The rooms of the administration: lists that are declared, and one way to open and act in all."""

from app.services.rooms.actions import Outcome, ask_first, carry_out
from app.services.rooms.opening import open_detail, open_room, rooms_for, topics_of

__all__ = [
    "Outcome",
    "ask_first",
    "carry_out",
    "open_detail",
    "open_room",
    "rooms_for",
    "topics_of",
]
