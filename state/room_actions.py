"""Acting in a room: the question first, then the answer, from a list or from one row's page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, BadInput
from app.models.accounts import Permission
from app.services import rooms
from app.views.room_actions import NO_CONFIRM, ConfirmView
from app.views.room_query import RoomQuery
from state.base import as_said, in_reading, in_work
from state.guard import requires
from state.rooms import RoomState
from state.session import signed_in


class RoomActionState(rx.State):
    """The question that is asked before an action; `field` names what `problem` is about.

    It is about the rows with `_keys`, or about every row that `_whole` asks for.
    """

    is_asking: bool = False
    is_busy: bool = False
    confirm: ConfirmView = NO_CONFIRM
    problem: str = ""
    field: str = ""
    _room: str = ""
    _keys: tuple[str, ...] = ()
    _whole: RoomQuery | None = None

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    async def ask(self, room: str, action: str, keys: list[str]) -> EventSpec | None:
        """Ask whether to do this to the rows with these keys."""
        self._room, self._keys, self._whole = room, tuple(keys), None
        return await self._ask(rooms.ask_first, action=action, keys=self._keys)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    async def ask_of_whole(self, room: str, action: str) -> EventSpec | None:
        """Ask whether to do this to every row that the address asks for."""
        query = RoomQuery.parse(self.router.url.query)
        self._room, self._keys, self._whole = room, (), query
        return await self._ask(rooms.ask_first_of_all, action=action, query=query)

    async def _ask(self, question: Callable[..., ConfirmView], **about: Any) -> EventSpec | None:  # noqa: ANN401 - what the question takes
        self.is_asking = False
        try:
            self.confirm = await in_reading(question, viewer=signed_in(), room=self._room, **about)
        except AppError as problem:
            return rx.toast.error(as_said(problem.sentence))
        self.problem, self.field, self.is_asking = "", "", True
        return None

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def dismiss(self) -> None:
        """Leave everything as it is."""
        self.is_asking = False

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    async def act(self, form: dict[str, Any]) -> AsyncGenerator[EventSpec | None, None]:
        """Do what was asked; where it cannot be done, say so and keep what was typed."""
        if not self.is_asking or self.is_busy:
            return
        self.is_busy, self.problem, self.field = True, "", ""
        yield None
        try:
            outcome = await self._carry_out(form)
        except AppError as problem:
            self.problem = problem.sentence
            self.field = problem.field if isinstance(problem, BadInput) else ""
        else:
            self.is_asking = False
            listed = await self.get_state(RoomState)
            listed.selected, listed.whole = [], False
            say = rx.toast.warning if outcome.refused else rx.toast.success
            yield say(as_said(outcome.sentence))
        finally:
            self.is_busy = False

    async def _carry_out(self, form: dict[str, Any]) -> rooms.Outcome:
        about: dict[str, Any] = {
            "viewer": signed_in(),
            "room": self._room,
            "action": self.confirm.action,
            "reason": str(form.get("reason") or ""),
            "values": {field.key: str(form.get(field.key) or "") for field in self.confirm.fields},
        }
        if self._whole is None:
            return await in_work(rooms.carry_out, keys=self._keys, **about)
        return await in_work(
            rooms.carry_out_all, query=self._whole, confirmed=self.confirm.count, **about
        )
