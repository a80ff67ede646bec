"""The palette: what was typed into it, and what is called so."""

from __future__ import annotations

import reflex as rx

from app.errors import AppError
from app.integrations.rates import Kind
from app.services import palette
from app.views.palette import FoundGroup
from state.base import in_reading
from state.catalogue import reader_locale
from state.guard import counted_as, public
from state.session import viewer


class PaletteState(rx.State):
    """What the palette shows of what the server found; the pages and commands it has by itself."""

    # What `groups` were found for, as it was typed.
    asked: str = ""
    groups: tuple[FoundGroup, ...] = ()
    problem: str = ""

    @rx.event(supersedes=True)
    @public
    @counted_as(Kind.SEARCHING)
    async def find(self, text: str) -> None:
        """Find what is called something like `text`; newer words end the answer to older ones.

        Anybody may ask: the service finds for each what they may see.
        """
        typed = text[: palette.LONGEST]
        self.problem = ""
        try:
            self.groups = await in_reading(
                palette.find, viewer=viewer(), text=typed, locale=reader_locale(self)
            )
        except AppError as problem:
            self.groups, self.problem = (), problem.sentence
        self.asked = typed
