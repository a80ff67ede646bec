"""What pages of the past show of the products then: a snapshot's, and those of a day."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from app.errors import BadInput
from app.integrations.rates import Kind
from app.views.cards import Card
from app.views.catalogue import SearchResult
from app.views.catalogue_panel import NO_PANEL, Panel, panel_of, with_typed_prices
from app.views.catalogue_query import CatalogueQuery, Layout, Sort
from app.views.catalogue_text import (
    NO_WAYS,
    NOT_FOUND_YET,
    PAST_SORTS,
    Found,
    Ways,
    found_of,
    ways_of,
)
from state.guard import counted_as, public_catalogue

UNREADABLE = "The past cannot be read at the moment. Try again in a minute."

log = logging.getLogger(__name__)


def past_query(path: str, query: str) -> CatalogueQuery:
    """Read the question in the address of a page of the past, which has no map."""
    asked = CatalogueQuery.parse(query, path=path)
    if asked.layout is Layout.MAP:
        asked = replace(asked, layout=Layout.GRID)
    return asked if asked.sort in PAST_SORTS else replace(asked, sort=_default(asked))


def _default(asked: CatalogueQuery) -> Sort | None:
    """Return the order without another one: with words too, since nothing ranks them here."""
    return Sort.NEWEST if asked.text else None


class PastResults(rx.State, mixin=True):
    """The products in it; `phase` is loading, shown or failed. Nothing here can be ordered."""

    phase: str = "loading"
    problem: str = ""
    found: Found = NOT_FOUND_YET
    cards: tuple[Card, ...] = ()
    panel: Panel = NO_PANEL
    ways: Ways = NO_WAYS
    # The past is of one moment; the catalogue says here how old its prices are.
    synced_at: str = ""
    price_problem: str = ""

    def _show(
        self,
        result: SearchResult,
        query: CatalogueQuery,
        cards: tuple[Card, ...],
        locale: str,
        *,
        orders: Mapping[Sort, str] = PAST_SORTS,
    ) -> None:
        listing, facets = result.listing, result.facets
        self.found = found_of(listing, facets, query, locale)
        self.cards = cards
        self.panel = panel_of(facets, query, locale)
        self.ways = ways_of(listing, query, orders=orders)
        self.price_problem = ""
        self.phase = "shown"

    def _fail(self, sentence: str) -> None:
        self.phase = "failed"
        self.problem = sentence

    # They only lead to another address; what is there is for those who may.
    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    def search(self, form: dict[str, Any]) -> EventSpec:
        """Go to the results of typed words."""
        return rx.redirect(self._query().with_text(str(form.get("q", ""))).address())

    @rx.event
    @public_catalogue
    @counted_as(Kind.SEARCHING)
    def set_price(self, form: dict[str, Any]) -> EventSpec | None:
        """Narrow the result to the typed prices."""
        try:
            wanted = with_typed_prices(self._query().first_page(), form, self.panel.price.currency)
        except BadInput as problem:
            self.price_problem = problem.sentence
            return None
        self.price_problem = ""
        return rx.redirect(wanted.address())

    def _query(self) -> CatalogueQuery:
        return past_query(self.router.url.path.rstrip("/"), self.router.url.query)
