"""What is mended in the room of stores: their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.models.accounts import Permission
from app.services.rooms.filters import counted
from app.services.rooms.room import Action, Field
from app.services.stores.mend import forget_place, place_store

if TYPE_CHECKING:
    from app.services.rooms.room import Call
    from app.work import Work


def _place(work: Work, call: Call) -> None:
    place_store(
        work,
        viewer=call.viewer,
        store_id=int(call.key),
        latitude=call.values["latitude"],
        longitude=call.values["longitude"],
    )


def _forget(work: Work, call: Call) -> None:
    forget_place(work, viewer=call.viewer, store_id=int(call.key))


ACTIONS: Final = (
    Action(
        "place",
        "Save place",
        "map-pin",
        Permission.STORE_PLACE,
        says=lambda n: f"{counted(n, 'store')} will stand there until the feed says where.",
        did=lambda _: "The store's place is saved.",
        carry_out=_place,
        fields=(Field("latitude", "Latitude"), Field("longitude", "Longitude")),
        bulk=False,
        inline=True,
    ),
    Action(
        "feeds-place",
        "Use the feed's again",
        "rotate-ccw",
        Permission.STORE_PLACE,
        says=lambda n: (
            f"{counted(n, 'store')} will stand where the feed says, from its next sync on. "
            "Where the feed says nothing that can be used, no map shows it until then."
        ),
        did=lambda n: f"{counted(n, 'store')} left to the feed.",
        carry_out=_forget,
        applies=lambda row: row.store.placed_at is not None,
    ),
)
