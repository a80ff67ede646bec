"""Every place one can go to, in one table: the navigation, the keys and the palette read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import AppError
from app.models.accounts import Permission
from app.services.accounts import EVERYBODY, Access
from app.services.rooms import rooms_for
from app.views.palette import Places, PlaceView

if TYPE_CHECKING:
    from app.views.accounts import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """A page that has its own place in the navigation; `access` is who is shown the way."""

    view: PlaceView
    access: Access = EVERYBODY


# Shown to everybody: who is not signed in is asked to by the page.
MAIN: Final = (
    PlaceView("catalogue", "Catalogue", "/", "search", "c", "catalogue products search home"),
    PlaceView("stores", "Stores", "/stores", "store", "w", "stores map shops near where to get it"),
    PlaceView("orders", "Orders", "/orders", "package", "o", "orders"),
    PlaceView(
        "snapshots",
        "Snapshots",
        "/snapshots",
        "camera",
        "p",
        "snapshots time machine past prices history download",
    ),
    PlaceView(
        "basket", "Basket", "/basket", "shopping-basket", "b", "basket cart take me to my basket"
    ),
)
# Shown to whoever is signed in.
SESSIONS: Final = PlaceView(
    "sessions",
    "Your sessions",
    "/account/sessions",
    "monitor-x",
    "",
    "your sessions devices sign out elsewhere",
)
_OPERATIONS: Final = (
    Place(
        PlaceView(
            "admin", "Dashboard", "/admin", "activity", "a", "dashboard health wrong now answers"
        ),
        Access(Permission.OPERATIONS_READ),
    ),
    Place(
        PlaceView("mailbox", "Mailbox", "/mailbox", "inbox", "m", "mailbox mails messages"),
        Access(Permission.MAILBOX_READ, open_locally=True),
    ),
)


def places_of(viewer: Viewer | None) -> Places:
    """Return where `viewer` may go beyond what everybody is shown."""
    return Places(
        operations=tuple(place.view for place in _OPERATIONS if may_go(place.access, viewer)),
        rooms=rooms_for(viewer) if viewer else (),
    )


def may_go(access: Access, viewer: Viewer | None) -> bool:
    """Tell whether a rule lets `viewer` in."""
    try:
        access.check(viewer)
    except AppError:
        return False
    return True
