"""What one visitor sees of the catalogue. The address holds the query; nothing here does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reflex as rx

from app.views.catalogue_query import CatalogueQuery, clean
from state.guard import public

if TYPE_CHECKING:
    from reflex.event import EventSpec

CATALOGUE_PATH = "/"


class SearchState(rx.State):
    """The search box in the top bar of every page.

    `q` is what the box shows. Typing asks for another address; the answer of an older address
    must not put its words back into the box, so `_awaited` holds the words under way.
    """

    q: str = ""
    _awaited: str | None = None

    @rx.event
    @public
    def search(self, text: str) -> EventSpec | None:
        """Go to the results of `text`: on the catalogue in place, elsewhere as a new page."""
        on_catalogue = self.router.url.path == CATALOGUE_PATH
        asked = CatalogueQuery.parse(self.router.url.query if on_catalogue else "")
        wanted = asked.with_text(text)
        self.q = text[:1000]
        if on_catalogue and wanted == asked.first_page():
            self._awaited = None
            return None
        self._awaited = wanted.text
        return rx.redirect(wanted.address(), replace=on_catalogue)

    def _arrive(self, query: CatalogueQuery) -> None:
        """Show the words of the address, unless newer ones have been typed since."""
        if self._awaited is None and clean(self.q) != query.text:
            self.q = query.text
        if self._awaited == query.text:
            self._awaited = None
