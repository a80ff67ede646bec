"""The rooms of the administration: lists that are declared, and one way to open and act in all."""

from app.services.rooms.opening import open_detail, open_room, rooms_for

__all__ = ["open_detail", "open_room", "rooms_for"]
