"""Answers that are made piece by piece, to those who leave before the end."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest
from starlette.requests import ClientDisconnect

from app.api.streaming import PiecesResponse

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import Message


async def test_nothing_is_held_for_somebody_who_has_left() -> None:
    def made() -> Generator[bytes]:
        while True:
            yield b"piece"

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    pieces = made()
    answer = PiecesResponse(pieces, headers={}, media_type="text/csv")
    with pytest.raises(ClientDisconnect):
        await answer({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)
    assert inspect.getgeneratorstate(pieces) == inspect.GEN_CLOSED
