"""Open pages over a real websocket: what they are told, and that nothing is left when they go."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from app.errors import Unavailable
from app.integrations.ports import Identity
from app.models.accounts import PersonSession
from app.models.ordering import Order
from app.services import accounts
from app.services.ordering.moves import note_on_timeline
from app.work import open_work, within
from state.basket import BasketState
from state.catalogue import SearchState
from state.checkout import CheckoutState
from state.frame import FLAGS_KNOWN, FrameState
from state.live import hub
from state.order import OrderPageState
from tests.factories.ordering import a_basket_line, an_order, some_products
from tests.integration.accounts.socket_client import ROOT, Tab, words_of
from tests.integration.hearing import all_is_heard
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.work import Work

PAGE = OrderPageState.get_full_name()
BASKET = BasketState.get_full_name()
FRAME = FrameState.get_full_name()
SEARCH = SearchState.get_full_name()
CHECKOUT = CheckoutState.get_full_name()
ON_LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"


def a_browser(name: str) -> tuple[str, Viewer]:
    """Sign somebody in; return the Cookie header of their browser and who they are."""
    identity = Identity(
        issuer="https://issuer.example",
        subject=name,
        email=f"{name}@company.example",
        name=name.title(),
        groups=("buyer",),
        locale="en",
        id_token="an id token",
    )
    opened = within(accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser())
    person = within(accounts.who_is_asking, token=opened.token)
    assert person is not None
    return f"{accounts.session_cookie()}={opened.token}", person


def an_order_of(person: Viewer) -> int:
    """Place an order of one product; nobody carries it out."""
    with open_work() as work:
        return an_order(work, person, some_products(work.session))


def add_step(number: int, title: str) -> None:
    """Write a step of the order, as a worker does, and tell the pages."""
    with open_work() as work:
        order = work.session.scalars(select(Order).where(col(Order.number) == number)).one()
        note_on_timeline(work, order=order, kind="test", title=title)


def an_open_order(port: int, cookie: str, number: int) -> Tab:
    """Return a tab on the page of an order, to be entered."""
    return Tab(port, str(uuid4()), cookie=cookie, path=f"/orders/{number}")


def timeline_of(tab: Tab) -> list[str]:
    """Return the titles of the steps that the tab shows."""
    order = tab.var(PAGE, "order")
    return [step["title"] for step in order["timeline"]] if isinstance(order, dict) else []


def test_an_open_order_changes_when_another_process_commits(port: int) -> None:
    cookie, person = a_browser("ann")
    number = an_order_of(person)
    with an_open_order(port, cookie, number) as tab:
        tab.until(lambda: tab.var(PAGE, "phase") == "shown")
        add_step(number, "Something has happened")
        tab.until(lambda: "Something has happened" in timeline_of(tab))


def test_a_closed_tab_leaves_nothing_behind(port: int) -> None:
    cookie, person = a_browser("ann")
    number = an_order_of(person)
    with an_open_order(port, cookie, number) as tab:
        tab.until(lambda: tab.var(PAGE, "phase") == "shown")
        wait_until(
            lambda: hub.topics == {f"order:{number}", f"basket:{person.person_id}", FLAGS_KNOWN},
            "the page and its frame are not followed",
        )
    wait_until(lambda: not hub.topics, "the closed tab still waits for changes")


def test_a_step_to_another_page_ends_what_the_page_before_waited_for(port: int) -> None:
    cookie, person = a_browser("ann")
    with open_work() as work:
        products = some_products(work.session)
        first, second = an_order(work, person, products), an_order(work, person, products)
    with an_open_order(port, cookie, first) as tab:
        tab.until(lambda: tab.var(PAGE, "phase") == "shown")
        tab.go_to(f"/orders/{second}")
        tab.send(ON_LOAD)
        tab.until(lambda: tab.var(PAGE, "asked") == str(second))
        wait_until(
            lambda: hub.topics == {f"order:{second}", f"basket:{person.person_id}", FLAGS_KNOWN},
            "the page before is still followed",
        )


def test_an_order_of_somebody_else_is_as_unknown_as_one_that_never_was(port: int) -> None:
    _, owner = a_browser("ann")
    number = an_order_of(owner)
    cookie, _ = a_browser("bob")
    with an_open_order(port, cookie, number) as tab:
        tab.until(lambda: tab.var(PAGE, "phase") == "missing")
        add_step(number, "A secret")
        all_is_heard()
        tab.settle()
        assert "A secret" not in timeline_of(tab)


def test_a_page_shows_nothing_more_after_its_session_has_ended(port: int) -> None:
    cookie, person = a_browser("ann")
    number = an_order_of(person)
    with an_open_order(port, cookie, number) as tab:
        tab.until(lambda: tab.var(PAGE, "phase") == "shown")
        with open_work() as work:
            work.session.execute(delete(PersonSession))
        add_step(number, "Later")
        wait_until(lambda: f"order:{number}" not in hub.topics, "the page is still followed")
        tab.until(lambda: "window.location.reload()" in words_of(tab))
        assert "Later" not in timeline_of(tab)


def test_the_badge_counts_what_another_tab_puts_in(port: int) -> None:
    cookie, _ = a_browser("ann")
    with open_work() as work:
        product = some_products(work.session)[0]
    with (
        Tab(port, str(uuid4()), cookie=cookie, path="/orders") as one,
        Tab(port, str(uuid4()), cookie=cookie, path="/orders") as other,
    ):
        one.until(lambda: one.var(FRAME, "basket_lines") == 0)
        other.send(f"{BASKET}.add", product_id=product.id)
        one.until(lambda: one.var(FRAME, "basket_lines") == 1)


def test_the_badge_goes_on_when_the_database_was_away(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, person = a_browser("ann")
    with open_work() as work:
        product = some_products(work.session)[0]
    asked = threading.Event()

    def away(_work: Work, *, person_id: UUID) -> int:  # noqa: ARG001 - as the query is called
        asked.set()
        raise Unavailable("The database does not answer.")

    with Tab(port, str(uuid4()), cookie=cookie, path="/orders") as tab:
        with monkeypatch.context() as patch:
            patch.setattr("app.services.ordering.basket_count", away)
            with open_work() as work:
                work.touch(f"basket:{person.person_id}")
            wait_until(asked.is_set, "the frame does not look")
        tab.send(f"{BASKET}.add", product_id=product.id)
        tab.until(lambda: tab.var(FRAME, "basket_lines") == 1)


def test_a_form_that_is_sent_twice_is_one_order(port: int) -> None:
    cookie, person = a_browser("ann")
    with open_work() as work:
        a_basket_line(work.session, person, some_products(work.session)[0])
    with Tab(port, str(uuid4()), cookie=cookie, path="/basket") as tab:
        tab.until(lambda: tab.var(CHECKOUT, "is_ready") is True)
        form = {
            "request_key": tab.var(CHECKOUT, "request_key"),
            "recipient": "Ann",
            "street": "Kauppakatu 1",
            "city": "Oulu",
            "country": "FI",
        }
        tab.send(f"{CHECKOUT}.submit", form=form)
        tab.send(f"{CHECKOUT}.submit", form=form)
        tab.settle()
        (number,) = numbers_of(person.person_id)
        assert words_of(tab).count(f"/orders/{number}") == 2


def test_a_mistake_stands_beside_its_field_and_orders_nothing(port: int) -> None:
    cookie, person = a_browser("ann")
    with open_work() as work:
        a_basket_line(work.session, person, some_products(work.session)[0])
    with Tab(port, str(uuid4()), cookie=cookie, path="/basket") as tab:
        tab.until(lambda: tab.var(CHECKOUT, "is_ready") is True)
        form = {"request_key": tab.var(CHECKOUT, "request_key"), "recipient": "Ann"}
        tab.send(f"{CHECKOUT}.submit", form={**form, "street": "", "city": "", "country": "FI"})
        tab.until(lambda: tab.var(CHECKOUT, "errors") == {"street": "Fill in the street."})
    assert numbers_of(person.person_id) == []


def test_nobody_uses_a_basket_without_signing_in(port: int) -> None:
    with Tab(port, str(uuid4()), path="/orders") as tab:
        tab.send(f"{BASKET}.add", product_id=1)
        tab.settle()
        assert "/auth/login" in words_of(tab)


def numbers_of(person_id: UUID) -> list[int | None]:
    """Return the numbers of the orders that a person has placed."""
    with open_work(read_only=True) as work:
        return list(
            work.session.scalars(select(col(Order.number)).where(col(Order.buyer_id) == person_id))
        )


def test_a_page_loaded_anew_starts_with_its_own_words_in_the_search_box(port: int) -> None:
    token = str(uuid4())
    with Tab(port, token, path="/") as before:
        before.send(f"{SEARCH}.search", text="glove ")
        before.until(lambda: "q=glove" in words_of(before))
        assert before.var(SEARCH, "q") == "glove "
        before.go_to("/?q=glove")
        before.settle()
        assert before.var(SEARCH, "q") == "glove ", "the space before the next word was taken away"
    for path, words in (("/nowhere", ""), ("/?q=lamp", "lamp")):
        with Tab(port, token, path=path) as after:
            assert after.var(SEARCH, "q") == words
