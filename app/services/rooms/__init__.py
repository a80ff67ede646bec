"""The rooms of the administration: lists that are declared, and one way to open and act in all."""

from app.services.rooms.actions import Outcome, ask_first, carry_out
from app.services.rooms.bulk import ask_first_of_all, carry_out_all
from app.services.rooms.export import exported_file, request_export
from app.services.rooms.opening import open_detail, open_room, rooms_for, topics_of
from app.services.rooms.tasks import recent_tasks, tasks_topic

__all__ = [
    "Outcome",
    "ask_first",
    "ask_first_of_all",
    "carry_out",
    "carry_out_all",
    "exported_file",
    "open_detail",
    "open_room",
    "recent_tasks",
    "request_export",
    "rooms_for",
    "tasks_topic",
    "topics_of",
]
