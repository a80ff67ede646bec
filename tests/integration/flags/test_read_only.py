"""While `read-only` is on nobody can change anything, whichever way they come."""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlmodel import SQLModel, col

import app.services
import jobs
from app import db
from app.errors import Held, NotFound
from app.flag_cache import is_on
from app.flags import CORRECTED_SEARCH, READ_ONLY, STOP_MAIL
from app.models.accounts import Person, PersonSession, Role
from app.models.catalogue import Product
from app.models.columns import stored
from app.models.operations import Queue
from app.models.ordering import BasketLine
from app.services import accounts, feeds, ordering, rooms
from app.services.accounts import service_viewer
from app.services.catalogue import search_catalogue
from app.services.flags import list_flags
from app.services.operations import schedule
from app.services.rooms.actions import action_for
from app.views.accounts import Viewer
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading, within
from jobs import runner
from jobs.relay import hand_over
from jobs.schedule import fire_due
from state.basket import BasketState
from state.frame import FrameState
from tests.factories.ordering import ADDRESS, a_basket_line, a_viewer, some_products
from tests.integration.accounts.socket_client import Tab, cookie_of, words_of
from tests.integration.flags.switching import switch
from tests.integration.ordering.conftest import open_jobs, work_off
from tests.integration.ordering.looking import placed, seen
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sendgrid_twin import Twin

PAUSED = READ_ONLY.refusal
# Whatever writes all the same: who comes and goes, who is kept out, what is noted, what the
# program does for itself. A line more is a decision, see docs/flags.md.
GO_ON = {
    "app.services.accounts.links.ask_for_link",
    "app.services.accounts.links.print_link",
    "app.services.accounts.links.sign_in_by_link",
    "app.services.accounts.links.who_by_link",
    "app.services.accounts.people.block_person",
    "app.services.accounts.queries.holders_of",
    "app.services.accounts.queries.rights_versions",
    "app.services.accounts.queries.who_is_asking",
    "app.services.accounts.rotation.rotate",
    "app.services.accounts.sign_in.sign_in",
    "app.services.accounts.sign_out.end_all_sessions_of",
    "app.services.accounts.sign_out.end_session",
    "app.services.accounts.sign_out.sign_out",
    "app.services.accounts.sign_out.sign_out_at_provider",
    "app.services.accounts.sign_out.sign_out_elsewhere",
    "app.services.accounts.sign_out.sign_out_everywhere",
    "app.services.audit.refusals.note_refusals",
    "app.services.audit.verify.keep_verification",
    "app.services.feeds.demo.seed_demo",
    "app.services.flags.change.change_flag",
    "app.services.operations.schedule.declare",
    "app.services.rooms.actions.carry_out",
    "app.services.rooms.bulk.carry_out_all",
    "app.services.rooms.declared.flag_actions._set",
    "app.services.rooms.declared.people_actions._block",
    "app.services.rooms.declared.people_actions._sign_out",
    "app.services.rooms.declared.sessions._end",
    "app.services.rooms.declared.sessions._end_all",
    "jobs.lease.give_back",
    "jobs.worker._bury_untaken",
}


def everything() -> dict[str, list[str]]:
    """Return every row of every table."""
    with db.engine().connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def shop(database: None) -> tuple[Viewer, int]:  # noqa: ARG001 - on an empty database
    """Return a buyer with something in their basket, and the product."""
    with open_work() as work:
        buyer = a_viewer(work.session)
        product = some_products(work.session)[0]
        a_basket_line(work.session, buyer, product)
        return buyer, stored(product.id)


def changes(buyer: Viewer, product_id: int) -> dict[str, Callable[[], Any]]:
    """Return a change of each kind, each as a door asks for it."""
    who = service_viewer("command line")
    person_id = buyer.person_id
    return {
        "basket": lambda: within(
            ordering.add_to_basket, person_id=person_id, product_id=product_id
        ),
        "order": lambda: within(
            ordering.place_order, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS
        ),
        "roles": lambda: within(
            accounts.change_roles,
            administrator=who,
            person_id=person_id,
            give=["admin"],
            withhold=[],
        ),
        "feed": lambda: within(feeds.request_sync, feed_id=1),
        "schedule": lambda: within(schedule.run_now, viewer=who, name="clean-up"),
        "anything": lambda: within(lambda work: work.session.execute(text("DELETE FROM product"))),
    }


KINDS = ["basket", "order", "roles", "feed", "schedule", "anything"]
ROOM: dict[str, Any] = {
    "viewer": service_viewer("command line"),
    "room": "dead-letters",
    "action": "retry",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_refused_with_one_sentence_and_changes_nothing(
    shop: tuple[Viewer, int], kind: str
) -> None:
    switch(READ_ONLY, "on")
    before = everything()
    with pytest.raises(Held, match=PAUSED):
        changes(*shop)[kind]()
    assert everything() == before
    switch(READ_ONLY, "off")
    changes(*shop)[kind]()
    assert everything() != before


@pytest.mark.usefixtures("database")
def test_an_action_of_a_room_is_refused_unless_its_use_case_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, retry = action_for(ROOM["viewer"], ROOM["room"], ROOM["action"])
    with pytest.raises(NotFound):
        within(rooms.carry_out, **ROOM, keys=[str(uuid4())])
    switch(READ_ONLY, "on")
    with pytest.raises(Held, match=PAUSED):
        within(rooms.carry_out, **ROOM, keys=[str(uuid4())])
    monkeypatch.setattr(retry.carry_out, "__goes_on__", True, raising=False)
    with pytest.raises(NotFound):
        within(rooms.carry_out, **ROOM, keys=[str(uuid4())])


@pytest.mark.usefixtures("database")
def test_it_is_put_off_again_in_its_room() -> None:
    switch(READ_ONLY, "on")
    room: dict[str, Any] = {
        "viewer": service_viewer("command line"),
        "room": "flags",
        "reason": "done",
    }
    within(rooms.carry_out, **room, action="on", keys=["stop-mail"])
    within(rooms.carry_out, **room, action="off", keys=["read-only", "stop-mail"])
    wait_until(lambda: not is_on(READ_ONLY), "it is off")


def test_no_kind_of_change_is_left_out(shop: tuple[Viewer, int]) -> None:
    assert [*changes(*shop)] == KINDS


@pytest.mark.usefixtures("shop")
def test_reading_signing_in_and_out_and_changing_flags_go_on() -> None:
    switch(READ_ONLY, "on")
    assert reading(search_catalogue, query=CatalogueQuery(text="screwdriver")).listing.products
    assert reading(list_flags)
    token = cookie_of("ada").partition("=")[2]
    asking = within(accounts.who_is_asking, token=token)
    assert asking is not None
    assert within(accounts.sign_out, token=token)
    assert within(accounts.who_is_asking, token=token) is None
    switch(CORRECTED_SEARCH, "off")
    switch(STOP_MAIL, "on")
    switch(READ_ONLY, "off")


@pytest.mark.usefixtures("database")
def test_that_a_session_is_used_is_still_noted() -> None:
    token = cookie_of("ada").partition("=")[2]
    with open_work() as work:
        work.session.execute(text("UPDATE person_session SET seen_at = now() - interval '1 hour'"))
    switch(READ_ONLY, "on")
    within(accounts.who_is_asking, token=token)
    with open_work(read_only=True) as work:
        fresh = text("SELECT seen_at > now() - interval '1 minute' FROM person_session")
        assert work.session.scalar(fresh)


@pytest.mark.usefixtures("database")
def test_an_attacker_can_still_be_kept_out() -> None:
    cookie_of("mallory")
    switch(READ_ONLY, "on")
    with open_work(read_only=True) as work:
        person_id = stored(work.session.scalars(select(col(Person.id))).one())
    within(
        accounts.block_person,
        administrator=service_viewer("command line"),
        person_id=person_id,
        reason="an attack",
    )
    with open_work(read_only=True) as work:
        assert not work.session.scalar(select(func.count()).select_from(PersonSession))


def test_an_open_page_still_hears_that_its_person_is_blocked(port: int) -> None:
    with Tab(port, str(uuid4()), cookie=cookie_of("mallory"), path="/orders") as tab:
        tab.settle()
        switch(READ_ONLY, "on")
        with open_work(read_only=True) as work:
            person_id = stored(work.session.scalars(select(col(Person.id))).one())
        within(
            accounts.block_person,
            administrator=service_viewer("command line"),
            person_id=person_id,
            reason="an attack",
        )
        tab.until(lambda: "window.location.reload()" in words_of(tab))


def test_a_page_says_so_and_its_buttons_change_nothing(port: int) -> None:
    cookie = cookie_of("ada")
    with open_work() as work:
        product_id = stored(some_products(work.session)[0].id)
    frame, basket = FrameState.get_full_name(), BasketState.get_full_name()
    with Tab(port, str(uuid4()), cookie=cookie, path="/orders") as tab:
        # The page is open, and nobody does anything on it.
        for state in ("on", "off", "on"):
            switch(READ_ONLY, state)
            tab.until(lambda: tab.var(frame, "is_read_only") is is_on(READ_ONLY))
        tab.send(f"{basket}.add", product_id=product_id)
        tab.until(lambda: PAUSED in words_of(tab))
        with open_work(read_only=True) as work:
            assert not work.session.scalar(select(func.count()).select_from(BasketLine))
        switch(READ_ONLY, "off")
        tab.send(f"{basket}.add", product_id=product_id)
        tab.settle()
        tab.until(lambda: tab.var(frame, "is_read_only") is False)
    with open_work() as work:
        assert work.session.scalar(select(func.count()).select_from(BasketLine)) == 1


def test_no_job_begins_but_one_that_has_begun_is_finished(
    queues: object,  # noqa: ARG001 - emptied before
    twin: Twin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buyer, number = placed()
    assert hand_over() == 2
    switch(READ_ONLY, "on")
    assert hand_over() == 0
    assert fire_due() == 0
    # The switch came when the worker had taken its jobs.
    with monkeypatch.context() as patch:
        patch.setattr(runner, "is_held", lambda _queue: False)
        work_off(Queue.MAIL)
    assert len(twin.accepted) == 2
    assert [job.queue for job in open_jobs()] == [Queue.ORDERS]
    assert [dispatch.state for dispatch in seen(buyer, number).dispatches] == ["sending"]
    switch(READ_ONLY, "off")
    assert hand_over() == 1
    work_off(Queue.ORDERS)
    assert seen(buyer, number).state == "completed"


def test_only_what_is_known_here_goes_on() -> None:
    found = set()
    for package in (app.services, jobs):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for thing in vars(importlib.import_module(module.name)).values():
                if callable(thing) and getattr(thing, "__goes_on__", False):
                    named = thing.func if isinstance(thing, partial) else thing
                    found.add(f"{named.__module__}.{named.__qualname__}")
    assert found == GO_ON


@pytest.mark.usefixtures("database")
def test_a_unit_of_work_without_a_use_case_is_refused_too() -> None:
    switch(READ_ONLY, "on")
    with pytest.raises(Held), open_work() as work:
        a_viewer(work.session, Role.ADMIN)
    with open_work(read_only=True) as work:
        assert not work.session.scalar(select(func.count()).select_from(Person))
        assert not work.session.scalar(select(func.count()).select_from(Product))
