"""Who may use which event: declared beside the handler, refused where nothing is declared.

Every public method of a State is an endpoint that anybody with a websocket can call, whether or
not a page uses it. The declarations here are what the doorkeeper goes by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from reflex_base.registry import RegistrationContext

from app.errors import Misconfigured
from app.integrations.rates import Kind
from app.models.accounts import Permission
from app.services.accounts import CATALOGUE, EVERYBODY, Access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reflex.event import EventHandler

Handler = TypeVar("Handler", bound="Callable[..., object]")

_DECLARATION: Final = "__guard__"
_KIND: Final = "__kind__"
# Reflex's own handlers: the doorkeeper knows the few that pages need, and refuses the rest.
_FRAMEWORK: Final = ("reflex.", "reflex_base.", "reflex_components")


def public(handler: Handler) -> Handler:
    """Declare that anybody may use this event, signed in or not."""
    setattr(handler, _DECLARATION, EVERYBODY)
    return handler


def public_catalogue(handler: Handler) -> Handler:
    """Declare that this event is as public as the catalogue is (setting PUBLIC_CATALOGUE)."""
    setattr(handler, _DECLARATION, CATALOGUE)
    return handler


def requires(permission: Permission, *, open_locally: bool = False) -> Callable[[Handler], Handler]:
    """Declare that this event needs `permission`; goes under `@rx.event`.

    With `open_locally` everybody may under APP_ENV=local, where one tries the program out.
    """

    def declare(handler: Handler) -> Handler:
        setattr(handler, _DECLARATION, Access(permission, open_locally=open_locally))
        return handler

    return declare


def counted_as(kind: Kind) -> Callable[[Handler], Handler]:
    """Declare as what this event is counted against floods; goes under the rule of who may.

    Without it, what needs a permission is counted as changing something.
    """

    def declare(handler: Handler) -> Handler:
        setattr(handler, _KIND, kind)
        return handler

    return declare


def kind_of(event_name: str) -> Kind:
    """Return as what the event of this full name is counted; it has to be registered."""
    handler = RegistrationContext.get().event_handlers[event_name].handler
    declared = getattr(handler.fn, _KIND, None)
    if isinstance(declared, Kind):
        return declared
    access = declared_access(event_name)
    permission = access.permission if access else None
    if permission is Permission.LIST_EXPORT:
        return Kind.HEAVY
    # What is open to all changes nothing but the page, and what is in the background watches.
    return Kind.READING if permission is None or handler.is_background else Kind.CHANGING


def declared_access(event_name: str) -> Access | None:
    """Return what is declared for the event of this full name, None where nothing is."""
    registered = RegistrationContext.get().event_handlers.get(event_name)
    declared = getattr(registered.handler.fn, _DECLARATION, None) if registered else None
    return declared if isinstance(declared, Access) else None


def needs_permission(handler: EventHandler) -> bool:
    """Tell whether an event is for people with a permission alone; it has to be declared."""
    return getattr(handler.fn, _DECLARATION, EVERYBODY).permission is not None


def declared_events() -> Iterator[tuple[str, Access]]:
    """Yield every event with a rule, as `StateClass.handler`."""
    for name, registered in RegistrationContext.get().event_handlers.items():
        if access := declared_access(name):
            yield registered.handler.fn.__qualname__, access


def undeclared_events() -> list[str]:
    """Return the full names of our own events that nothing is declared for."""
    return sorted(
        name
        for name, registered in RegistrationContext.get().event_handlers.items()
        if not f"{getattr(registered.handler.fn, '__module__', '')}.".startswith(_FRAMEWORK)
        and declared_access(name) is None
    )


def refuse_undeclared() -> None:
    """Raise Misconfigured naming every event that nobody has said who may use."""
    if names := undeclared_events():
        raise Misconfigured(
            "Nobody has said who may use these events; put @public or @requires(...) under their "
            f"@rx.event: {', '.join(names)}."
        )
