"""Every room of the administration, by its address; in the navigation in this order."""

from __future__ import annotations

from typing import Final

from app.services.rooms.declared.audit import AUDIT
from app.services.rooms.declared.dead_letters import DEAD_LETTERS
from app.services.rooms.declared.dispatches import DISPATCHES
from app.services.rooms.declared.exports import EXPORTS
from app.services.rooms.declared.feeds import FEEDS
from app.services.rooms.declared.flags import FLAGS
from app.services.rooms.declared.health import HEALTH
from app.services.rooms.declared.jobs import JOBS
from app.services.rooms.declared.orders import ORDERS
from app.services.rooms.declared.people import PEOPLE
from app.services.rooms.declared.schedule import SCHEDULE
from app.services.rooms.declared.sessions import SESSIONS
from app.services.rooms.declared.settings import SETTINGS
from app.services.rooms.declared.stores import STORES
from app.services.rooms.declared.suppliers import SUPPLIERS
from app.services.rooms.room import Room

_ROOMS: Final = (
    PEOPLE,
    SESSIONS,
    ORDERS,
    DISPATCHES,
    FEEDS,
    SUPPLIERS,
    STORES,
    DEAD_LETTERS,
    JOBS,
    SCHEDULE,
    FLAGS,
    AUDIT,
    EXPORTS,
    SETTINGS,
    HEALTH,
)
ROOMS: Final[dict[str, Room]] = {room.key: room for room in _ROOMS}
