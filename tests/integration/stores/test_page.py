"""A store's page over a real websocket: what it shows belongs to the store of its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.models.columns import stored
from app.services.stores import show_store
from app.work import open_work
from state import store
from state.store import StoreState
from tests.factories.catalogue import a_feed
from tests.factories.stores import a_store
from tests.integration.accounts.socket_client import ROOT, Tab

if TYPE_CHECKING:
    from redis import Redis
    from reflex import App

    from app.views.stores import StorePage
    from app.work import Work

STORE = StoreState.get_full_name()
ON_LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"


@pytest.fixture
def port(web: tuple[int, App], database: None, redis: Redis) -> int:  # noqa: ARG001 - empty ones
    """Return where the program listens."""
    return web[0]


def two_stores() -> tuple[int, int]:
    with open_work() as work:
        feed = a_feed(work.session)
        oulu = a_store(work.session, feed, "Oulu")
        espoo = a_store(work.session, feed, "Espoo", latitude=60.2, longitude=24.7)
        return stored(oulu.id), stored(espoo.id)


def arrive(tab: Tab, path: str, phase: str) -> None:
    """Open `path` as a step inside the program does, until it is in that phase."""
    tab.go_to(path)
    tab.send(ON_LOAD)
    tab.until(lambda: (tab.var(STORE, "path"), tab.var(STORE, "phase")) == (path, phase))


def marked(tab: Tab) -> list[str]:
    """Return the names of the marks on the map."""
    marks = tab.var(STORE, "marks")
    return [mark["name"] for mark in marks] if isinstance(marks, list) else []


def middle(tab: Tab) -> float:
    """Return the latitude in the middle of what the map was told to show."""
    camera = tab.var(STORE, "camera")
    assert isinstance(camera, dict)
    return (camera["south"] + camera["north"]) / 2


def test_the_map_follows_a_store_that_could_not_be_read_at_first(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    oulu, espoo = two_stores()

    def broken(work: Work, **asked: Any) -> StorePage:
        if asked["store_id"] == espoo:
            raise RuntimeError("the database is away")
        return show_store(work, **asked)

    with Tab(port, str(uuid4()), path=f"/stores/{oulu}") as tab:
        tab.until(lambda: marked(tab) == ["Oulu"])
        with monkeypatch.context() as patch:
            patch.setattr(store, "show_store", broken)
            arrive(tab, f"/stores/{espoo}", "failed")
        arrive(tab, f"/stores/{espoo}", "shown")
        tab.until(lambda: marked(tab) == ["Espoo"])
        assert middle(tab) == pytest.approx(60.2)


def test_another_page_of_the_shelves_leaves_the_map_as_it_was(port: int) -> None:
    oulu, _ = two_stores()
    with Tab(port, str(uuid4()), path=f"/stores/{oulu}") as tab:
        tab.until(lambda: tab.var(STORE, "phase") == "shown")
        camera = tab.var(STORE, "camera")
        tab.go_to(f"/stores/{oulu}?before={'9' * 19}")
        tab.send(ON_LOAD)
        tab.until(lambda: "first_href" in str(tab.var(STORE, "shelves")))
        tab.settle()
        assert tab.var(STORE, "phase") == "shown"
        assert tab.var(STORE, "camera") == camera


def test_an_address_may_end_with_a_slash(port: int) -> None:
    oulu, _ = two_stores()
    with Tab(port, str(uuid4()), path=f"/stores/{oulu}/") as tab:
        tab.until(lambda: tab.var(STORE, "phase") == "shown")
        # The page is drawn while this is the browser's own address.
        assert tab.var(STORE, "path") == f"/stores/{oulu}/"
