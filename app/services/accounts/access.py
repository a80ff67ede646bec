"""Who may use something: one rule per event and per route, decided in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.config import Environment, settings
from app.errors import NotAllowed, NotSignedIn

if TYPE_CHECKING:
    from app.models.accounts import Permission
    from app.views.accounts import Viewer


@dataclass(frozen=True, slots=True)
class Access:
    """A rule. Without a permission it is open, to everybody or as far as the catalogue is.

    With `open_locally` it is open to everybody under APP_ENV=local.
    """

    permission: Permission | None = None
    as_the_catalogue: bool = False
    open_locally: bool = False

    def check(self, person: Viewer | None) -> None:
        """Return when `person` may.

        Raises NotSignedIn for nobody where somebody is needed, NotAllowed for the wrong person.
        """
        if self.permission is None and not self.as_the_catalogue:
            return
        if self.as_the_catalogue and settings().public_catalogue:
            return
        if self.open_locally and settings().app_env is Environment.LOCAL:
            return
        if person is None:
            raise NotSignedIn("Sign in to do this.")
        if self.permission is not None and not person.may(self.permission):
            raise NotAllowed("Your role does not allow this. Ask your administrator for it.")


EVERYBODY: Final = Access()
CATALOGUE: Final = Access(as_the_catalogue=True)
