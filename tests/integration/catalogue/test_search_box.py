"""The search box on the catalogue: the answer comes along, and is not asked for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.services.catalogue import search_catalogue
from app.work import open_work
from state import catalogue
from state.catalogue import CatalogueState, SearchState
from tests.factories.catalogue import a_feed, a_product
from tests.integration.accounts.socket_client import ROOT, Tab, words_of

if TYPE_CHECKING:
    from redis import Redis
    from reflex import App

    from app.views.catalogue import SearchResult
    from app.views.catalogue_query import CatalogueQuery
    from app.work import Work

SEARCH = f"{SearchState.get_full_name()}.search"
CATALOGUE = CatalogueState.get_full_name()
ON_LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"


@pytest.fixture
def port(web: tuple[int, App], database: None, redis: Redis) -> int:  # noqa: ARG001 - empty ones
    """Return where a catalogue of two products is served."""
    with open_work() as work:
        feed = a_feed(work.session)
        for name in ("Steel hammer", "Oak table"):
            a_product(work.session, feed, name)
    return web[0]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the words of every search that reaches the service, in their order."""
    words: list[str] = []

    def noted(work: Work, *, query: CatalogueQuery, **given: Any) -> SearchResult:
        words.append(query.text)
        return search_catalogue(work, query=query, **given)

    monkeypatch.setattr(catalogue, "search_catalogue", noted)
    return words


def names_in(tab: Tab) -> list[str]:
    """Return the products on screen."""
    cards = tab.var(CATALOGUE, "cards")
    return [card["name"] for card in cards] if isinstance(cards, list) else []


def arrive(tab: Tab, path: str) -> None:
    """Open `path` as a step inside the program does, until all of it has loaded."""
    tab.go_to(path)
    tab.send(ON_LOAD)
    tab.until(lambda: not tab.is_hydrated)
    tab.until(lambda: tab.is_hydrated)


def test_the_answer_comes_before_the_new_address_and_is_not_asked_for_again(
    port: int, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "AHEAD_SECONDS", 300.0)
    with Tab(port, str(uuid4()), path="/") as tab:
        tab.until(lambda: len(names_in(tab)) == 2)
        tab.send(SEARCH, text="hammer")
        tab.until(lambda: '"path": "/?q=hammer"' in words_of(tab))
        assert names_in(tab) == ["Steel hammer"]
        arrive(tab, "/?q=hammer")
        assert names_in(tab) == ["Steel hammer"]
        assert asked == ["", "hammer"]
        # Whoever comes back to it later gets what holds then.
        arrive(tab, "/?q=hammer")
        assert asked == ["", "hammer", "hammer"]


def test_an_answer_for_another_address_is_no_answer(port: int, asked: list[str]) -> None:
    with Tab(port, str(uuid4()), path="/") as tab:
        tab.send(SEARCH, text="hammer")
        tab.until(lambda: names_in(tab) == ["Steel hammer"])
        arrive(tab, "/?q=table")
        assert names_in(tab) == ["Oak table"]
        assert asked == ["", "hammer", "table"]


def test_an_answer_that_was_left_lying_is_asked_for_again(
    port: int, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "AHEAD_SECONDS", 0.0)
    with Tab(port, str(uuid4()), path="/") as tab:
        tab.send(SEARCH, text="hammer")
        tab.until(lambda: names_in(tab) == ["Steel hammer"])
        arrive(tab, "/?q=hammer")
        assert asked == ["", "hammer", "hammer"]


def test_elsewhere_the_page_of_the_results_asks(port: int, asked: list[str]) -> None:
    with Tab(port, str(uuid4()), path="/nowhere") as tab:
        tab.send(SEARCH, text="hammer")
        tab.settle()
        assert '"path": "/?q=hammer"' in words_of(tab)
        assert asked == []
