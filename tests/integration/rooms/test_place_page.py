"""The page of a store that needs a place, over a real websocket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.models.catalogue import Store
from app.models.columns import stored
from app.services.stores.mend import STORES
from app.work import open_work
from state import room_detail
from state.room_detail import RoomDetailState
from tests.factories.catalogue import a_feed
from tests.factories.stores import a_store
from tests.integration.accounts.socket_client import Tab, cookie_of

if TYPE_CHECKING:
    from redis import Redis
    from reflex import App

PAGE = RoomDetailState.get_full_name()


@pytest.fixture
def port(web: tuple[int, App], database: None, redis: Redis) -> int:  # noqa: ARG001 - empty ones
    """Return where the program listens."""
    return web[0]


def change(store_id: int, **fields: Any) -> None:
    """Change a store, as a sync does, and tell the pages."""
    with open_work() as work:
        work.session.get_one(Store, store_id).sqlmodel_update(fields)
        work.touch(STORES)


def title(tab: Tab) -> object:
    """Return what the page calls the store."""
    detail = tab.var(PAGE, "detail")
    return detail["title"] if isinstance(detail, dict) else None


def test_where_a_store_may_stand_is_looked_up_once_for_its_address(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def found(words: str) -> tuple[()]:
        asked.append(words)
        return ()

    monkeypatch.setattr(room_detail, "find_places", found)
    with open_work() as work:
        nowhere = {"latitude": None, "longitude": None, "city": "Oulu", "country": "FI"}
        store = a_store(work.session, a_feed(work.session), "Oulu", **nowhere)
        store_id = stored(store.id)
    cookie = cookie_of("grace", "operator")
    with Tab(port, str(uuid4()), cookie=cookie, path=f"/admin/stores/{store_id}") as tab:
        tab.until(lambda: title(tab) == "Oulu")
        change(store_id, services=["Parking"])
        tab.until(lambda: "Parking" in str(tab.var(PAGE, "detail")))
        change(store_id, city="Kemi")
        tab.until(lambda: "Kemi" in str(tab.var(PAGE, "detail")))
    assert asked == ["Oulu, Finland", "Kemi, Finland"]
