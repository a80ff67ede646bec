"""What one visitor sees of the catalogue. The address holds the query; nothing here does."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from time import time
from typing import TYPE_CHECKING, Any

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, BadInput
from app.integrations.rates import Kind
from app.services.catalogue import search_catalogue
from app.views.cards import Card, card_of
from app.views.catalogue_panel import NO_PANEL, Panel, panel_of, with_typed_prices
from app.views.catalogue_query import CatalogueQuery, Layout, clean
from app.views.catalogue_text import NO_WAYS, NOT_FOUND_YET, Found, Ways, found_of, ways_of
from app.views.formatting import preferred_locale
from state.base import in_reading
from state.guard import counted_as, public_catalogue
from state.session import viewer

if TYPE_CHECKING:
    from app.views.catalogue import SearchResult

CATALOGUE_PATH = "/"
MAX_TYPED = 1000
# A page has the address of an answer that was shown before it within a fraction of this.
AHEAD_SECONDS = 2.0

log = logging.getLogger(__name__)


def reader_locale(state: rx.State) -> str:
    """Return the locale of the person, for a stranger that of the browser."""
    person = viewer()
    return person.locale if person else preferred_locale(state.router.headers.accept_language)


class SearchState(rx.State):
    """The search box in the top bar of every page: the words of the address, or newer typed ones.

    `_awaited` holds the words whose results are under way, as long as the window that typed them
    is connected; until they arrive, what was typed stays in the box.
    """

    # What stands in the empty box; says how many there are once the whole catalogue was seen.
    hint: str = "Search products"
    _typed: str = ""
    _awaited: str | None = None
    _window: str = ""

    @rx.var
    def q(self) -> str:
        """Return what the box shows.

        Follows from the address, so that a page which is loaded anew starts with its own words:
        what this tab held before would otherwise replace what is typed while the page wakes up.
        """
        words = self._asked().text
        is_under_way = self._awaited is not None and self._window == self.router.session.session_id
        return self._typed if is_under_way or clean(self._typed) == words else words

    def _asked(self) -> CatalogueQuery:
        """Return the question in the address; on other pages there is none."""
        is_catalogue = self.router.url.path == CATALOGUE_PATH
        return CatalogueQuery.parse(self.router.url.query if is_catalogue else "")

    @rx.event(supersedes=True)
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def search(self, text: str) -> AsyncGenerator[EventSpec, None]:
        """Go to the results of `text`: on the catalogue in place, elsewhere as a new page.

        In place they are shown first, and the page changes its address after them: what the new
        address then asks for is there already. Newer words end the answer to older ones.
        """
        on_catalogue = self.router.url.path == CATALOGUE_PATH
        asked = self._asked()
        wanted = asked.with_text(text)
        self._typed = text[:MAX_TYPED]
        if on_catalogue and wanted == asked.first_page():
            self._awaited = None
            return
        self._awaited = wanted.text
        self._window = self.router.session.session_id
        if on_catalogue:
            catalogue = await self.get_state(CatalogueState)
            await catalogue._answer_ahead(wanted)  # noqa: SLF001 - not an event: names without _ are endpoints
        yield rx.redirect(wanted.address(), replace=on_catalogue)

    def _arrive(self, text: str) -> None:
        """Note that the address has these words: they are not under way any more."""
        if self._awaited == text:
            self._awaited = None


class CatalogueState(rx.State):
    """The result on screen; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    found: Found = NOT_FOUND_YET
    cards: tuple[Card, ...] = ()
    panel: Panel = NO_PANEL
    ways: Ways = NO_WAYS
    synced_at: str = ""
    price_problem: str = ""
    # What of the address narrows the catalogue: of what a snapshot is taken.
    narrowing: str = ""
    # The question that was answered ahead of its address, and when, in seconds since 1970.
    _ahead: tuple[CatalogueQuery, float] | None = None

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Answer the question in the address; a newer address ends the answer to an older one."""
        query = CatalogueQuery.parse(self.router.url.query)
        search = await self.get_state(SearchState)
        search._arrive(query.text)  # noqa: SLF001 - not an event: names without _ are endpoints
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead[0] != query or time() - ahead[1] > AHEAD_SECONDS:
            await self._answer(query)

    async def _answer_ahead(self, query: CatalogueQuery) -> None:
        """Answer a question whose address the page is about to have."""
        await self._answer(query)
        self._ahead = (query, time())

    async def _answer(self, query: CatalogueQuery) -> None:
        try:
            result = await in_reading(search_catalogue, query=query, viewer=viewer())
        except AppError as problem:
            self._fail(problem.sentence)
        except Exception:
            log.exception("The catalogue could not be searched")
            self._fail("The catalogue cannot be read at the moment. Try again in a minute.")
        else:
            self._show(result, query)
            if query == CatalogueQuery(layout=query.layout, sort=query.sort):
                search = await self.get_state(SearchState)
                search.hint = f"Search {self.found.count}"

    def _fail(self, sentence: str) -> None:
        self.phase = "failed"
        self.problem = sentence

    def _show(self, result: SearchResult, query: CatalogueQuery) -> None:
        locale = reader_locale(self)
        listing, facets = result.listing, result.facets
        self.found = found_of(listing, facets, query, locale)
        self.cards = tuple(card_of(summary, locale) for summary in listing.products)
        self.panel = panel_of(facets, query, locale)
        self.ways = ways_of(listing, query)
        self.synced_at = result.synced_at.isoformat() if result.synced_at else ""
        self.price_problem = ""
        self.narrowing = replace(query, sort=None, layout=Layout.GRID, after=None).render()
        self.phase = "shown"

    @rx.event
    @public_catalogue
    def set_price(self, form: dict[str, Any]) -> EventSpec | None:
        """Narrow the result to the typed prices, in the currency the bars are in."""
        query = CatalogueQuery.parse(self.router.url.query).first_page()
        try:
            wanted = with_typed_prices(query, form, self.panel.price.currency)
        except BadInput as problem:
            self.price_problem = problem.sentence
            return None
        self.price_problem = ""
        return rx.redirect(wanted.address())
