"""Who may use which event: declared beside the handler, refused where nothing is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.models.accounts import Permission

Handler = TypeVar("Handler", bound="Callable[..., object]")

_DECLARATION = "__guard__"


def public(handler: Handler) -> Handler:
    """Declare that anybody may use this event, signed in or not."""
    setattr(handler, _DECLARATION, "public")
    return handler


def public_catalogue(handler: Handler) -> Handler:
    """Declare that this event is as public as the catalogue is (setting PUBLIC_CATALOGUE)."""
    setattr(handler, _DECLARATION, "catalogue")
    return handler


def requires(permission: Permission) -> Callable[[Handler], Handler]:
    """Declare that this event needs `permission`; goes under `@rx.event`."""

    def declare(handler: Handler) -> Handler:
        setattr(handler, _DECLARATION, permission)
        return handler

    return declare
