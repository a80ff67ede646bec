"""The catalogue as it was on a day."""

from __future__ import annotations

import reflex as rx

from components.frame import loads, page
from components.snapshots.day import day_page, day_title
from state.catalogue_of_day import CatalogueOfDayState


@rx.page(route="/catalogue/[day]", title=day_title(), on_load=loads(CatalogueOfDayState.load))
def catalogue_of_day() -> rx.Component:
    """Search, filters and results of a day that is past."""
    return page(
        day_page(),
        title=None,
        active="catalogue",
        breadcrumbs=(("Catalogue", "/"), (day_title(), None)),
    )
