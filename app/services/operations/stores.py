"""An answer about the stores: whether maps can show them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.models.catalogue import Store
from app.services.operations.counting import count_up_to, figure
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work


def have_all_stores_a_place(work: Work, locale: str) -> Answer:
    """Answer whether there is a store that its feed puts nowhere, and nobody has put anywhere."""
    without = count_up_to(
        work,
        select(col(Store.id)).where(
            col(Store.latitude).is_(None), col(Store.withdrawn_at).is_(None)
        ),
    )
    return Answer(
        key="places",
        question="Do all stores have a place?",
        is_good=not without,
        figure=figure(without, locale),
        answer=(
            "Their feeds say nothing usable: put each on the map."
            if without
            else "Every store is on the map."
        ),
        link="/admin/stores?place=needed" if without else "/admin/stores",
    )
