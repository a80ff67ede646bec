"""A store on its own page: where it stands, when it is open, what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.integrations.feeds.countries import box_of
from app.models.accounts import Permission
from app.services.ordering.addresses import country_name
from app.services.rooms.cells import AnyRow, moment
from app.services.stores import show_store
from app.views.formatting import number, weekday
from app.views.room_query import detail_address
from app.views.rooms import CellView, DetailView, FactView, SectionView, SpotView
from app.views.stores import WEEKDAYS

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

# South, north, west, east of all inhabited land.
_WORLD: Final = (-56, 72, -169, 179)
_BY_HAND: Final = "It stays where you put it until the feed gives a place that can be used."
_BY_FEED: Final = "Where you put it holds until the feed changes anything about this store."


def place_badge(store: AnyRow) -> CellView:
    """Return in a word whether a store has a place, and below it what is wrong."""
    if store.latitude is None:
        return CellView(
            "Needs a place", second=store.place_problem or "", tone="warn", icon="triangle-alert"
        )
    if store.placed_at is not None:
        return CellView("Set by hand", tone="info", icon="hand")
    return CellView("OK", tone="good", icon="check")


def describe(work: Work, viewer: Viewer, row: AnyRow) -> DetailView:
    """Return a store in detail."""
    store = row.store
    town = f"{store.postcode} {store.city}".strip()
    country = country_name(store.country, viewer.locale)
    shown = show_store(work, store_id=store.id)
    return DetailView(
        title=store.name,
        lead=_lead(store),
        badge=place_badge(store),
        facts=(
            FactView(
                "Supplier",
                CellView(store.supplier, href=detail_address("suppliers", str(store.supplier_id))),
            ),
            FactView("Store number", CellView(store.external_id, mono=True)),
            FactView("Address", CellView(", ".join(filter(None, (store.street, town, country))))),
            FactView("Coordinates", CellView(_coordinates(store), mono=True)),
            FactView("Set by hand", moment(store.placed_at, "no")),
            FactView("What the feed gives", CellView(store.place_problem or "A usable place.")),
            FactView("Time zone", CellView(store.time_zone or "not known")),
            FactView("Services", CellView(", ".join(store.services) or "none known")),
            FactView("Products in stock", CellView(number(shown.products, viewer.locale))),
            FactView("Feed", _feed(store)),
            FactView("Withdrawn", moment(store.withdrawn_at, "no")),
        ),
        sections=(_map(viewer, store, town), _hours(viewer, store)),
    )


def _lead(store: AnyRow) -> str:
    if store.withdrawn_at is not None:
        return "Its feed has it no more."
    return store.place_problem or "" if store.latitude is None else ""


def _feed(store: AnyRow) -> CellView:
    return CellView("Open it", href=detail_address("feeds", str(store.feed_id)))


def _coordinates(store: AnyRow) -> str:
    return "none" if store.latitude is None else f"{store.latitude:.6f}, {store.longitude:.6f}"


def _map(viewer: Viewer, store: AnyRow, town: str) -> SectionView:
    south, north, west, east = box_of(store.country) or _WORLD
    is_by_feed = store.latitude is not None and store.place_problem is None
    return SectionView(
        kind="map",
        title="Where it stands",
        spot=SpotView(
            name=store.name,
            latitude=store.latitude,
            longitude=store.longitude,
            words=", ".join(filter(None, (store.street, town, country_name(store.country)))),
            south=south,
            west=west,
            north=north,
            east=east,
            action="place" if viewer.may(Permission.STORE_PLACE) else "",
            hint=_BY_FEED if is_by_feed else _BY_HAND,
        ),
    )


def _hours(viewer: Viewer, store: AnyRow) -> SectionView:
    hours = store.opening_hours
    days = [
        (CellView(weekday(day, viewer.locale)), CellView(hours[key]))
        for day, key in enumerate(WEEKDAYS)
        if key in hours
    ]
    text = hours.get("text", "")
    return SectionView(
        kind="table",
        title="Opening hours",
        heads=("Day", "Open"),
        rows=tuple(days) or (((CellView("Any"), CellView(text)),) if text else ()),
        empty="The feed says nothing about them.",
    )
