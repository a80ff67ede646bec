"""One snapshot on its page: how it is taken, and then the catalogue as it was."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventCallback, EventSpec

from app.errors import AppError, BadInput, NotFound
from app.integrations.rates import Kind
from app.models.accounts import Permission
from app.services import snapshots
from app.views.cards import Card, card_of
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
from app.views.snapshot_text import NO_SNAPSHOT, FileText, SnapshotRow, files_said
from state.guard import counted_as, requires
from state.live import hub
from state.session import signed_in
from state.snapshots import row_for, snapshot_id
from state.together import look
from state.turns import in_thread

log = logging.getLogger(__name__)


def past_query(path: str, query: str) -> CatalogueQuery:
    """Read the question in the address of a snapshot's page, which is not asked about places."""
    asked = replace(CatalogueQuery.parse(query, path=path), place=None)
    if asked.layout is Layout.MAP:
        asked = replace(asked, layout=Layout.GRID)
    return asked if asked.sort in PAST_SORTS else replace(asked, sort=_default(asked))


def _default(asked: CatalogueQuery) -> Sort | None:
    """Return the order without another one: with words too, since nothing ranks them here."""
    return Sort.NEWEST if asked.text else None


class SnapshotState(rx.State):
    """What the page of one snapshot shows.

    `stage` is loading, taken (it is not stored yet, or came to nothing), stored, missing or failed;
    `phase` is that of the products in it: loading, shown or failed. `asked` is the end of the
    address that all of it is about.
    """

    asked: str = ""
    stage: str = "loading"
    snapshot: SnapshotRow = NO_SNAPSHOT
    files: tuple[FileText, ...] = ()
    phase: str = "loading"
    problem: str = ""
    found: Found = NOT_FOUND_YET
    cards: tuple[Card, ...] = ()
    panel: Panel = NO_PANEL
    ways: Ways = NO_WAYS
    # A snapshot is of one moment; the catalogue says here how old its prices are.
    synced_at: str = ""
    price_problem: str = ""

    @rx.event(background=True)
    @requires(Permission.SNAPSHOT_READ)
    async def watch(self) -> AsyncGenerator[EventCallback[()], None]:
        """Show the snapshot, follow it while it is taken, and look into it once it is stored."""
        asked = self.router.url.path.rstrip("/").rpartition("/")[2]
        number = snapshot_id(asked)
        async with self:
            if self.asked != asked:
                self.reset()
                self.asked = asked
        if number is None:
            async with self:
                self.stage = "missing"
            return
        was_open = False
        async with hub.watching(snapshots.topic_of(number)) as changes:
            async for _ in changes:
                person = signed_in()
                try:
                    shown = await look(snapshots.show_snapshot, viewer=person, snapshot_id=number)
                    parts = (
                        await look(snapshots.parts_of, viewer=person, snapshot_id=number)
                        if shown.is_readable
                        else ()
                    )
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.stage = "missing" if isinstance(problem, NotFound) else "failed"
                            self.problem = problem.sentence
                    continue
                if changes.are_news(shown):
                    async with self:
                        self.snapshot = row_for(shown, person)
                        self.files = files_said(asked, parts, person.locale)
                        self.stage = "stored" if shown.is_readable else "taken"
                if was_open and shown.is_readable:
                    yield SnapshotState.load
                was_open = shown.is_open

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Answer the question in the address from the snapshot, where it is stored."""
        path = self.router.url.path.rstrip("/")
        number = snapshot_id(path.rpartition("/")[2])
        if number is None:
            return
        person, query = signed_in(), past_query(path, self.router.url.query)
        # DuckDB is loaded by those who look into a snapshot, not by every process at its start.
        from app.services.snapshots.looking import search_snapshot  # noqa: PLC0415 - DuckDB

        try:
            result = await in_thread(
                lambda: search_snapshot(viewer=person, snapshot_id=number, query=query)
            )
        except NotFound:
            # It is not stored yet, or not theirs to see: `watch` says which.
            self.phase = "loading"
        except AppError as problem:
            self._fail(problem.sentence)
        except Exception:
            log.exception("A snapshot could not be searched")
            self._fail("The snapshot cannot be read at the moment. Try again in a minute.")
        else:
            self._show(result, query, person.locale)

    def _fail(self, sentence: str) -> None:
        self.phase = "failed"
        self.problem = sentence

    def _show(self, result: SearchResult, query: CatalogueQuery, locale: str) -> None:
        listing, facets = result.listing, result.facets
        self.found = found_of(listing, facets, query, locale)
        self.cards = tuple(card_of(summary, locale) for summary in listing.products)
        self.panel = panel_of(facets, query, locale)
        self.ways = ways_of(listing, query, orders=PAST_SORTS)
        self.price_problem = ""
        self.phase = "shown"

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    @counted_as(Kind.SEARCHING)
    def search(self, form: dict[str, Any]) -> EventSpec:
        """Go to the results of typed words."""
        return rx.redirect(self._query().with_text(str(form.get("q", ""))).address())

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
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
