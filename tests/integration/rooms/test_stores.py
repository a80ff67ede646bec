"""Stores without a place: found in their room, put on the map by hand, left to the feed again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app import flags
from app.errors import BadInput, Conflict, Held, NotAllowed, NotFound
from app.models.accounts import Role
from app.models.audit import AuditEntry
from app.models.catalogue import Store
from app.models.columns import stored
from app.models.feeds import Feed
from app.services.operations.overview import operations_overview
from app.services.ordering import place_order
from app.services.stores import stores_in_bounds
from app.services.stores.mend import place_store
from app.views.rooms import DetailView
from app.views.spots import SpotView
from app.views.stores import Bounds
from app.work import open_work, reading, within
from tests.factories.catalogue import a_feed
from tests.factories.ordering import ADDRESS, a_basket_line, a_viewer, some_products
from tests.factories.stores import a_store, put_on_shelf
from tests.integration.flags.switching import switch
from tests.integration.rooms.test_mending import detail, do, offered, opened, somebody

if TYPE_CHECKING:
    from app.views.accounts import Viewer

WAYS = {"Delivered", "Picked up"}
WORLD = Bounds(-90, -180, 90, 180)


@pytest.fixture
def operator(database: None) -> Viewer:  # noqa: ARG001 - on an empty database
    return somebody(Role.OPERATOR, "Grace Hopper")


@pytest.fixture
def store_id(operator: Viewer) -> int:  # noqa: ARG001 - on an empty database, who comes first
    """Return a store in Oulu whose feed says that it is in the sea."""
    with open_work() as work:
        feed = a_feed(work.session)
        a_store(work.session, feed, "Helsinki", latitude=60.17, longitude=24.94)
        lost = a_store(
            work.session,
            feed,
            "Oulu",
            latitude=None,
            longitude=None,
            street="Kaarnatie 8",
            city="Oulu",
            country="FI",
            place_problem="The coordinates are 0, 0: that is in the open sea.",
        )
        return stored(lost.id)


def the_store(store_id: int) -> Store:
    with open_work() as work:
        return work.session.get_one(Store, store_id)


def on_the_map() -> int:
    return sum(mark.stores for mark in reading(stores_in_bounds, bounds=WORLD, zoom=1))


def spot(shown: DetailView) -> SpotView:
    found = next(section.spot for section in shown.sections if section.kind == "map")
    assert found is not None
    return found


def save(viewer: Viewer, store_id: int, latitude: str = "65.01", longitude: str = "25.47") -> str:
    return do(viewer, "stores", "place", store_id, latitude=latitude, longitude=longitude).sentence


def test_the_dashboard_asks_for_it_and_leads_to_the_list(operator: Viewer, store_id: int) -> None:
    def answer() -> tuple[bool, str, str]:
        answers = reading(operations_overview, viewer=operator)
        found = next(one for one in answers if one.key == "places")
        return found.is_good, found.figure, found.link

    assert answer() == (False, "1", "/admin/stores?place=needed")
    (row,) = opened(operator, "stores", ("place", "needed")).rows
    assert row.key == str(store_id)
    place = next(cell for cell in row.cells if cell.tone)
    assert (place.text, place.tone) == ("Needs a place", "warn")
    assert "open sea" in place.second
    save(operator, store_id)
    assert answer() == (True, "0", "/admin/stores")
    assert not opened(operator, "stores", ("place", "needed")).rows
    assert len(opened(operator, "stores", ("place", "hand")).rows) == 1


def test_a_store_that_stands_nowhere_begins_in_its_town_or_country(
    operator: Viewer, store_id: int
) -> None:
    shown = detail(operator, "stores", store_id)
    begins = spot(shown)
    assert (begins.latitude, begins.longitude, begins.action) == (None, None, "place")
    assert begins.words == "Kaarnatie 8, Oulu, Finland"
    assert begins.south < 65 < begins.north
    assert begins.west < 25 < begins.east
    assert "open sea" in shown.lead


def test_it_is_placed_by_hand_noted_and_on_the_map_at_once(operator: Viewer, store_id: int) -> None:
    assert on_the_map() == 1
    assert offered(operator, "stores", store_id) == set()
    assert save(operator, store_id, " 65,01 ") == "The store's place is saved."
    kept = the_store(store_id)
    assert (kept.latitude, kept.longitude) == (65.01, 25.47)
    assert kept.placed_at is not None
    assert on_the_map() == 2
    assert offered(operator, "stores", store_id) == {"feeds-place"}
    with open_work() as work:
        entry = work.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject_kind, entry.subject_id, entry.subject_title) == (
            "store.placed",
            "store",
            str(store_id),
            "Oulu",
        )
        assert entry.before == {"latitude": None, "longitude": None, "by_hand": False}
        assert entry.after == {"latitude": 65.01, "longitude": 25.47, "by_hand": True}
    (row,) = opened(somebody(Role.ADMIN, "Ada Lovelace"), "audit").rows
    assert f"/admin/stores/{store_id}" in [cell.href for cell in row.cells]


def test_it_is_left_to_the_feed_again(operator: Viewer, store_id: int) -> None:
    save(operator, store_id)
    do(operator, "stores", "feeds-place", store_id)
    kept = the_store(store_id)
    assert (kept.latitude, kept.longitude, kept.placed_at) == (None, None, None)
    assert kept.place_problem
    assert on_the_map() == 1
    with pytest.raises(Conflict):
        do(operator, "stores", "feeds-place", store_id)


@pytest.mark.parametrize(
    ("latitude", "longitude", "field"),
    [
        ("north", "25", "latitude"),
        ("65", "1e3", "longitude"),
        ("NaN", "25", "latitude"),
        ("91", "200", "longitude"),
        ("0", "0", "latitude"),
        ("25.47", "65.01", "latitude"),
        ("", "25", "latitude"),
        ("65", "<script>", "longitude"),
    ],
)
def test_what_is_refused_from_a_feed_is_refused_from_people(
    operator: Viewer, store_id: int, latitude: str, longitude: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        save(operator, store_id, latitude, longitude)
    assert refused.value.field == field
    assert the_store(store_id).latitude is None
    with open_work() as work:
        assert not work.session.scalars(select(col(AuditEntry.action))).all()


def test_who_may_not_mend_sees_a_map_that_stands_still(operator: Viewer, store_id: int) -> None:
    buyer = somebody(Role.BUYER)
    with pytest.raises(NotAllowed):
        detail(buyer, "stores", store_id)
    with pytest.raises(NotAllowed):
        save(buyer, store_id)
    with pytest.raises(NotAllowed):
        within(place_store, viewer=buyer, store_id=store_id, latitude="65", longitude="25")
    with pytest.raises(NotFound):
        within(place_store, viewer=operator, store_id=0, latitude="65", longitude="25")
    assert the_store(store_id).latitude is None


def test_nothing_is_mended_while_changes_are_paused(operator: Viewer, store_id: int) -> None:
    switch(flags.READ_ONLY, "on")
    with pytest.raises(Held):
        save(operator, store_id)
    assert the_store(store_id).latitude is None


def test_the_rooms_of_orders_and_dispatches_say_what_is_picked_up(operator: Viewer) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, 2)
        for product in products:
            a_basket_line(work.session, buyer, product)
        store = a_store(work.session, work.session.get_one(Feed, products[0].feed_id), "Oulu")
        put_on_shelf(work.session, products[0], store, 1)
        pickups = {store.supplier_id: stored(store.id)}
        place_order(
            work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS, pickups=pickups, contact="Ada"
        )
    ways = {
        row.title.partition(",")[0]: [cell.second for cell in row.cells if cell.text in WAYS]
        for row in opened(operator, "dispatches").rows
    }
    assert ways == {"Supplier 1": ["Oulu"], "Supplier 2": [""]}
    (order,) = opened(operator, "orders").rows
    said = next(cell for cell in order.cells if cell.text == "Supplier 1, Supplier 2")
    assert said.second == "Picked up at Oulu"
