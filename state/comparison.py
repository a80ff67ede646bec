"""The page that compares two snapshots: which two, and what is shown, stands in the address."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, BadInput, NotFound
from app.models.accounts import Permission
from app.services import comparisons, snapshots
from app.views.accounts import Viewer
from app.views.comparison_page import NO_COMPARISON, Choice, ComparisonPage, choice_of, page_of
from app.views.comparison_query import ComparisonQuery
from app.views.comparisons import ComparisonView
from state.base import in_work
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look
from state.turns import in_thread

_STAGES = {
    "fetching": "Fetching the files",
    "finding": "Finding what differs",
    "unpacking": "Looking at what differs",
    "writing": "Writing it down",
}
_NONE = ("", "Choose a snapshot")
_WAITS = "Waiting for a worker"
# How far each stage begins, in per cent.
_BEGINS = {"fetching": 5, "finding": 60, "unpacking": 75, "writing": 90}


class ComparisonPageState(rx.State):
    """What the page shows.

    `phase` is loading, choosing (nothing to compare yet), making, shown, refused (the two cannot be
    compared) or failed.
    """

    phase: str = "loading"
    problem: str = ""
    choices: tuple[Choice, ...] = ()
    before: str = ""
    after: str = ""
    kind: str = ""
    supplier: str = ""
    category: str = ""
    least: str = ""
    stage: str = ""
    progress: int = 0
    page: ComparisonPage = NO_COMPARISON

    @rx.event(background=True)
    @requires(Permission.SNAPSHOT_READ)
    async def watch(self) -> None:
        """Show the comparison that the address asks for, and how far it is until then."""
        person = signed_in()
        try:
            query = ComparisonQuery.parse(self.router.url.query)
            async with self:
                self._ask(query)
            found = await look(snapshots.list_snapshots, viewer=person, only_stored=True)
            async with self:
                self.choices = (_NONE, *(choice_of(each, person.locale) for each in found.rows))
            if query.before is None or query.after is None:
                async with self:
                    self.phase = "choosing"
                return
            await self._follow(query)
        except AppError as problem:
            async with self:
                is_refused = isinstance(problem, (BadInput, NotFound))
                self.phase = "refused" if is_refused else "failed"
                self.problem = problem.sentence

    async def _follow(self, query: ComparisonQuery) -> None:
        """Show how far the comparison is, and then what came of it."""
        begun = await _found_or_begun(signed_in(), query)
        async with hub.watching(comparisons.topic_of(begun.id)) as changes:
            async for _ in changes:
                person = signed_in()
                found = await look(
                    comparisons.comparison_between,
                    viewer=person,
                    before_id=query.before,
                    after_id=query.after,
                )
                if not changes.are_news(found):
                    continue
                if not found.is_stored:
                    async with self:
                        self._tell(found)
                    continue
                shown = await in_thread(partial(comparisons.changes_of, viewer=person, query=query))
                async with self:
                    self._add_choices(found, person.locale)
                    self.phase, self.page = "shown", page_of(found, shown, query, person.locale)

    def _ask(self, query: ComparisonQuery) -> None:
        pair = [str(each) if each else "" for each in (query.before, query.after)]
        if pair != [self.before, self.after] or self.phase != "shown":
            self.phase, self.page, self.progress = "loading", NO_COMPARISON, 0
        self.before, self.after = pair
        self.kind, self.category = query.kind, query.category_word
        self.supplier = "" if query.supplier is None else str(query.supplier)
        self.least = "" if query.at_least is None else str(query.at_least)

    def _tell(self, found: ComparisonView) -> None:
        """Say how far it is, or that it came to nothing."""
        if not found.is_open:
            self.phase, self.problem = "failed", found.problem
            return
        self.phase, self.stage = "making", _STAGES.get(found.stage, _WAITS)
        fetched = found.bytes_done / found.bytes_expected if found.bytes_expected else 0
        begins = _BEGINS.get(found.stage, 0)
        self.progress = begins + round(55 * fetched) if found.stage == "fetching" else begins

    def _add_choices(self, found: ComparisonView, locale: str) -> None:
        """Let the two be chosen also where newer ones have filled the list."""
        both = (choice_of(each, locale) for each in (found.before, found.after))
        self.choices = (*self.choices, *(each for each in both if each not in self.choices))

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    def choose(self, name: str, value: str) -> EventSpec:
        """Compare another snapshot, or narrow what is shown; "" takes a filter away."""
        query = ComparisonQuery.parse(self.router.url.query)
        return rx.redirect(query.with_value(name, value).address())

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    def swap(self) -> EventSpec:
        """Compare the other way round."""
        query = ComparisonQuery.parse(self.router.url.query)
        return rx.redirect(ComparisonQuery(before=query.after, after=query.before).address())

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    async def again(self) -> EventSpec:
        """Try once more what came to nothing."""
        query = ComparisonQuery.parse(self.router.url.query)
        await _begun(signed_in(), query)
        return rx.redirect(replace(query, below=None).address())


async def _found_or_begun(viewer: Viewer, query: ComparisonQuery) -> ComparisonView:
    """Return the comparison; where there is none, or it was left off, it is begun."""
    try:
        found = await look(
            comparisons.comparison_between,
            viewer=viewer,
            before_id=query.before,
            after_id=query.after,
        )
    except NotFound:
        return await _begun(viewer, query)
    return await _begun(viewer, query) if found.is_open else found


async def _begun(viewer: Viewer, query: ComparisonQuery) -> ComparisonView:
    if query.before is None or query.after is None:
        raise BadInput("Choose two snapshots to compare.")
    return await in_work(
        comparisons.request_comparison,
        viewer=viewer,
        before_id=query.before,
        after_id=query.after,
    )
