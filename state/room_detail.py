"""One row of a room on its own page, and its place on a map where it has one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, Final

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, BadInput
from app.integrations.rates import Kind
from app.models.accounts import Permission
from app.services import rooms
from app.services.stores import around, find_places
from app.views.maps import WORLD, MapCamera, MapMark, camera_on
from app.views.rooms import NO_DETAIL, DetailView
from app.views.spots import SpotView
from app.views.stores import Point
from state.base import as_said, in_work
from state.guard import counted_as, requires
from state.live import hub
from state.rooms import asked_room, phase_of, place_name
from state.session import signed_in
from state.together import look
from state.turns import in_thread

# What is shown around a place: a town.
TOWN_METRES: Final = 10_000
# A tenth of a metre.
DECIMALS: Final = 6


async def _beginning(spot: SpotView) -> tuple[Point, MapCamera]:
    """Return where the mark stands at first and what is shown around it.

    Without a place that is where its words are found, else amid its bounds.
    """
    if spot.latitude is not None and spot.longitude is not None:
        return _around(Point(spot.latitude, spot.longitude))
    try:
        found = await in_thread(lambda: find_places(spot.words))
    except AppError:
        found = ()
    if found:
        return _around(found[0].point)
    middle = Point((spot.south + spot.north) / 2, (spot.west + spot.east) / 2)
    return middle, MapCamera(spot.south, spot.west, spot.north, spot.east)


def _around(point: Point) -> tuple[Point, MapCamera]:
    return point, camera_on(around(point, TOWN_METRES))


class RoomDetailState(rx.State):
    """What the page of one row shows; `phase` is loading, shown, forbidden, missing or failed.

    The mark of its place stands where `latitude` and `longitude` say, which is not kept before it
    is saved; `moves` counts how often the fields have to be drawn anew.
    """

    about: str = ""
    phase: str = "loading"
    problem: str = ""
    detail: DetailView = NO_DETAIL
    marks: tuple[MapMark, ...] = ()
    camera: MapCamera = WORLD
    latitude: str = ""
    longitude: str = ""
    moves: int = 0
    place_problem: str = ""
    place_field: str = ""
    is_saving: bool = False
    _spot: SpotView | None = None

    @rx.event(background=True)
    @requires(Permission.OPERATIONS_READ)
    async def watch(self) -> None:
        """Show the row that the address names and follow it until the visitor leaves."""
        room, key = asked_room(self.router.url.path)
        async with self:
            if self.about != place_name(room, key):
                self.reset()
                self.about = place_name(room, key)
        async with hub.watching(*rooms.topics_of(room)) as changes:
            async for _ in changes:
                try:
                    detail = await look(rooms.open_detail, viewer=signed_in(), room=room, key=key)
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase, self.problem = phase_of(problem), problem.sentence
                            self.detail = NO_DETAIL
                    continue
                if changes.are_news(detail):
                    spot = next((part.spot for part in detail.sections if part.spot), None)
                    # Its words are looked up outside, perhaps for money: once for each place.
                    begins = await _beginning(spot) if spot and spot != self._spot else None
                    async with self:
                        self.phase, self.detail = "shown", detail
                        if begins is not None:
                            point, shown = begins
                            self.camera = replace(shown, serial=self.camera.serial + 1)
                            self._put(point)
                        self._spot = spot

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    @counted_as(Kind.READING)
    def drop(self, key: str, latitude: float, longitude: float) -> None:  # noqa: ARG002 - there is one mark
        """Move the mark to where it was dragged."""
        self.point(latitude, longitude)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    @counted_as(Kind.READING)
    def point(self, latitude: float, longitude: float) -> None:
        """Move the mark to where somebody pressed."""
        if self._spot is None or not self._spot.action:
            return
        try:
            self._put(Point(round(latitude, DECIMALS), round(longitude, DECIMALS)))
        except AppError as problem:
            self.place_problem, self.place_field = problem.sentence, ""

    def _put(self, point: Point) -> None:
        self.latitude, self.longitude = str(point.latitude), str(point.longitude)
        self.place_problem = self.place_field = ""
        self.moves += 1
        self.marks = (MapMark("place", point.latitude, point.longitude, self.detail.title),)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    async def save_place(self, form: dict[str, Any]) -> AsyncGenerator[EventSpec | None, None]:
        """Keep the place as it stands in the fields, by the action that the row's page names."""
        if self._spot is None or self.is_saving:
            return
        room, _, key = self.about.partition("/")
        values = {name: str(form.get(name) or "") for name in ("latitude", "longitude")}
        self.is_saving, self.place_problem, self.place_field = True, "", ""
        yield None
        try:
            outcome = await in_work(
                rooms.carry_out,
                viewer=signed_in(),
                room=room,
                action=self._spot.action,
                keys=[key],
                values=values,
            )
        except AppError as problem:
            self.place_problem = problem.sentence
            self.place_field = problem.field if isinstance(problem, BadInput) else ""
        else:
            yield rx.toast.success(as_said(outcome.sentence))
        finally:
            self.is_saving = False
