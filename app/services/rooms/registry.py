"""Every room of the administration, by its address; in the navigation in this order."""

from __future__ import annotations

from typing import Final

from app.services.rooms.declared.dead_letters import DEAD_LETTERS
from app.services.rooms.declared.dispatches import DISPATCHES
from app.services.rooms.declared.jobs import JOBS
from app.services.rooms.declared.orders import ORDERS
from app.services.rooms.room import Room

ROOMS: Final[dict[str, Room]] = {
    room.key: room for room in (ORDERS, DISPATCHES, DEAD_LETTERS, JOBS)
}
