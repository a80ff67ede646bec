"""The way around: which places somebody may go to, and finding a thing by a few letters of it."""

from app.services.palette.find import LONGEST, find
from app.services.palette.places import MAIN, SESSIONS, places_of

__all__ = ["LONGEST", "MAIN", "SESSIONS", "find", "places_of"]
