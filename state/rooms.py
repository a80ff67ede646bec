"""The rooms of the administration: which there are, and the list of the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, BadInput, NotAllowed, NotFound
from app.models.accounts import Permission
from app.services import rooms
from app.views.days import Days
from app.views.room_query import RoomQuery
from app.views.rooms import NO_PAGE, RoomPage
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look

_PHASES: dict[type[AppError], str] = {
    NotAllowed: "forbidden",
    NotFound: "missing",
    BadInput: "refused",
}


def phase_of(problem: AppError) -> str:
    """Return what a page shows in place of what it could not be given."""
    return _PHASES.get(type(problem), "failed")


def asked_room(path: str) -> tuple[str, str]:
    """Return the room and the row that an address of the administration names, "" for neither."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    room, key = [*parts[1:3], "", ""][:2]
    return room, key


def place_name(room: str, key: str = "") -> str:
    """Return the name of a room or one of its rows, to compare by."""
    return f"{room}/{key}"


class RoomsState(rx.State):
    """Which room is open, and with `where` which of its rows.

    `title` is "" for a room that is not this person's to see.
    """

    here: str = ""
    where: str = ""
    title: str = ""

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def load(self) -> None:
        """Show where one is."""
        self.here, key = asked_room(self.router.url.path)
        self.where = place_name(self.here, key)
        places = [place for group in rooms.rooms_for(signed_in()) for place in group.places]
        self.title = next((place.title for place in places if place.key == self.here), "")

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def go(self, room: str) -> EventSpec:
        """Go to another room."""
        return rx.redirect(RoomQuery().address(quote(room, safe="")))


class RoomState(rx.State):
    """The list of a room; what it shows stands in the address.

    All of it is about the room `about`, which a tab that has gone to another one still holds for a
    moment.

    `phase` is loading, shown, refused (the address asks what cannot be asked), forbidden, missing
    or failed; `selected` are the keys of rows of this page, or `whole` says that it is every row
    that matches.
    """

    about: str = ""
    phase: str = "loading"
    problem: str = ""
    page: RoomPage = NO_PAGE
    selected: list[str] = []  # noqa: RUF012 - Reflex copies the default for each visitor
    whole: bool = False

    @rx.event(background=True)
    @requires(Permission.OPERATIONS_READ)
    async def watch(self) -> None:
        """Show the list that the address asks for and follow it until the visitor leaves."""
        room, _ = asked_room(self.router.url.path)
        query = RoomQuery.parse(self.router.url.query)
        async with self:
            if self.about != place_name(room):
                self.page, self.phase, self.about = NO_PAGE, "loading", place_name(room)
            self._select()
        async with hub.watching(*rooms.topics_of(room)) as changes:
            async for _ in changes:
                try:
                    page = await look(rooms.open_room, viewer=signed_in(), room=room, query=query)
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self._refuse(problem)
                else:
                    if changes.are_news(page):
                        async with self:
                            self.phase, self.page = "shown", page
                            kept = {row.key for row in page.rows}
                            self._select([key for key in self.selected if key in kept])

    def _refuse(self, problem: AppError) -> None:
        """Show why there is no list; what was there before is not this person's to see any more."""
        self.phase, self.problem = phase_of(problem), problem.sentence
        self.page = NO_PAGE
        self._select()

    def _select(self, keys: Sequence[str] = (), *, whole: bool = False) -> None:
        self.selected, self.whole = list(keys), whole

    def _asked(self) -> tuple[str, RoomQuery]:
        room, _ = asked_room(self.router.url.path)
        return room, RoomQuery.parse(self.router.url.query)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def search(self, form: dict[str, Any]) -> EventSpec:
        """Go to the rows in which the typed words are found."""
        room, query = self._asked()
        return rx.redirect(query.with_words(str(form.get("words", ""))).address(room))

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def choose(self, key: str, value: str) -> EventSpec:
        """Set a filter, or take it away with ""."""
        room, query = self._asked()
        return rx.redirect(query.with_filter(key, value).address(room))

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def choose_days(self, form: dict[str, Any]) -> EventSpec:
        """Set a filter by time, the `key` of the form, to the days that were picked."""
        key = str(form.get("key", ""))
        first, last = (str(form.get(f"{key}-{end}", "")) for end in ("first", "last"))
        room, query = self._asked()
        return rx.redirect(query.with_filter(key, Days.between(first, last)).address(room))

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def toggle(self, key: str) -> None:
        """Select a row of this page, or leave it out again."""
        if key in self.selected:
            self._select([each for each in self.selected if each != key])
        elif any(row.key == key for row in self.page.rows):
            self._select([*self.selected, key])

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def toggle_page(self) -> None:
        """Select every row of this page, or none where all are."""
        keys = [row.key for row in self.page.rows]
        self._select(() if len(self.selected) == len(keys) else keys)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def select_whole(self) -> None:
        """Select every row that matches, on whichever page it is."""
        self._select([row.key for row in self.page.rows], whole=True)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def select_none(self) -> None:
        """Leave every row out."""
        self._select()
