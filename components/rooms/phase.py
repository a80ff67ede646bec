"""Whether what a tab holds is about the place it shows: it still holds what it showed last."""

from __future__ import annotations

import reflex as rx

from state.room_detail import RoomDetailState
from state.rooms import RoomsState, RoomState


def list_phase() -> rx.Var[str]:
    """Return the phase of the list that the address names."""
    return _phase(RoomState.about, RoomState.phase)


def detail_phase() -> rx.Var[str]:
    """Return the phase of the row that the address names."""
    return _phase(RoomDetailState.about, RoomDetailState.phase)


def _phase(about: str, phase: str) -> rx.Var[str]:
    is_its = rx.Var.create(rx.State.is_hydrated) & (RoomsState.where == about)
    return rx.Var.create(rx.cond(is_its, phase, "loading")).to(str)
