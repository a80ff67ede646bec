"""Every event of every page, as everybody who may not, with everything that does not belong there.

The events are those the program registers: one that is added is walked by itself.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from reflex_base.registry import RegistrationContext
from sqlalchemy import update
from sqlmodel import col

from app.models.accounts import ROLE_PERMISSIONS, Person, Role
from app.models.columns import now
from app.services import accounts
from app.services.rooms.registry import ROOMS
from app.work import open_work, within
from state.doorkeeper import FRAMEWORK
from state.guard import declared_access
from state.pickup import PickupState
from state.room_actions import RoomActionState
from state.snapshots import TakeSnapshotState
from tests.security.payloads import payloads
from tests.security.raw import PATIENCE_SECONDS, ROOT, Raw
from tests.security.scene import Walker, digest, signed_in, wait_until_quiet
from tests.security.tally import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.security.scene import Owner
    from tests.site import Site

# A page that loads nothing which could be refused in its place.
NOWHERE = "/nowhere"
# A page may have so many watchers, and some more.
PAGES_OF_A_CONNECTION = 20
# Those who lose their rights while their page is open, and what tells that it is known.
LOSE = frozenset({"nothing", "blocked", "signed out"})
PROBE = f"{PickupState.get_full_name()}.close"
PROBE_SECONDS = 0.05
SETTLES = f"{ROOT}.set_is_hydrated"
# Any words say what a snapshot is to hold: whoever may take one takes one, which is their own deed.
TAKES = f"{TakeSnapshotState.get_full_name()}.take"
# What the actions of rooms ask for beside a reason: without it they would stop there.
FORM = {"form": {"reason": "because", "latitude": "60.17", "longitude": "24.94"}}
ACT, ASK = (f"{RoomActionState.get_full_name()}.{name}" for name in ("act", "ask"))


def everything() -> dict[str, object]:
    """Return every event the program registers, with its handler."""
    import app.app  # noqa: F401, PLC0415 - registers every page and state

    return {
        name: registered.handler.fn
        for name, registered in sorted(RegistrationContext.get().event_handlers.items())
    }


@pytest.fixture(scope="module")
def walkers(inside: Site) -> list[Walker]:
    """Have nobody, and people with and without rights, two of whom will lose theirs."""
    assert inside
    found = [Walker("nobody", "", None)]
    for name, group in (
        ("buyer", "buyer"),
        ("operator", "operator"),
        ("nothing", "buyer"),
        ("blocked", "admin"),
        ("signed out", "admin"),
    ):
        cookie, viewer = signed_in(name.replace(" ", "-"), group)
        found.append(Walker(name, cookie, viewer))
    return found


def may(walker: Walker, event: str) -> bool:
    """Tell whether the rule of an event admits somebody."""
    access = declared_access(event)
    if walker.name in {"blocked", "signed out"}:
        return False
    if access is None:
        return event in FRAMEWORK
    if access.permission is None:
        return True
    granted = {
        "buyer": ROLE_PERMISSIONS[Role.BUYER],
        "operator": ROLE_PERMISSIONS[Role.OPERATOR],
    }.get(walker.name, frozenset())
    return access.permission in granted


def is_whole(payload: object) -> bool:
    """Tell whether a payload arrives as an event at all: a dict, and JSON as others know it."""
    if not isinstance(payload, dict):
        return False
    return "NaN" not in json.dumps(payload)


def take_rights(walker: Walker) -> None:
    """Let somebody lose their rights while their page is open."""
    if walker.viewer is None:
        return
    if walker.name == "signed out":
        within(accounts.sign_out_everywhere, person_id=walker.viewer.person_id)
    lost: dict[str, dict[str, object]] = {
        "nothing": {"roles": []},
        "blocked": {"blocked_at": now()},
    }
    if walker.name in lost:
        with open_work() as work:
            of_them = update(Person).where(col(Person.id) == walker.viewer.person_id)
            work.session.execute(of_them.values(lost[walker.name]))
            work.touch(accounts.RIGHTS)


def events_for(walker: Walker) -> Iterator[tuple[str, object]]:
    """Yield the events that somebody walks, with their handlers."""
    for event, handler in everything().items():
        access = declared_access(event)
        if access is not None and access.open_locally:
            # Everybody may, where this program runs; the last test here names them.
            continue
        if event == TAKES and may(walker, event):
            continue
        # What an operator may use is theirs; what they may do with it the rooms are about.
        if walker.name != "operator" or not may(walker, event):
            yield event, handler


async def lose_rights(tab: Raw, walker: Walker) -> None:
    """Have `walker` lose their rights; what only reads may pass until that is heard, a moment."""
    await asyncio.to_thread(take_rights, walker)
    while walker.name in LOSE and not tab.refusals:
        # Nothing in the background: more of that than a page may have is refused as well.
        tab.emit(PROBE, {}, NOWHERE)
        await tab.answered()
        await asyncio.sleep(PROBE_SECONDS)


async def walk(port: int, walker: Walker, owner: Owner) -> list[str]:
    """Send everything as `walker`; return what was sent back."""
    tab = await Raw(port, cookie=walker.cookie).open(NOWHERE)
    await lose_rights(tab, walker)
    ids = (*owner.ids, owner.canary[:10])
    wanted = 0
    watchers: list[Raw] = []
    for event, handler in events_for(walker):
        sent = list(payloads(handler, owner.numbers, ids))  # pyright: ignore[reportArgumentType] - a handler is a function
        registered = RegistrationContext.get().event_handlers[event].handler
        if may(walker, event):
            for payload in sent:
                tab.emit(event, payload, NOWHERE)
            if registered.is_background:
                watchers += await walk_pages(port, walker, owner, event)
            else:
                for path in paths(owner):
                    tab.emit(event, {}, path)
            await tab.settle()
        else:
            wanted += await send_refused(tab, event, sent)
    await walk_rooms(tab, walker, owner)
    if may(walker, SETTLES):
        for one in (tab, *watchers):
            await one.settle()
    assert tab.refusals >= wanted > 100
    # Nothing was left out because too much ran already.
    assert not any("Too much runs" in frame for one in watchers for frame in one.heard)
    return [frame for one in (tab, *watchers) for frame in await left(one)]


async def send_refused(tab: Raw, event: str, sent: list[object]) -> int:
    """Send an event with each payload; wait until all were refused, and return how many."""
    before, whole = tab.refusals, 0
    supersedes = RegistrationContext.get().event_handlers[event].handler.supersedes
    for payload in sent:
        tab.emit(event, payload, NOWHERE)
        whole += is_whole(payload)
        if supersedes:
            # The next of its kind would take its place before it is answered.
            await tab.refused(before + whole)
    await tab.refused(before + whole)
    return whole


async def left(tab: Raw) -> list[str]:
    """Leave a page; return what it was sent."""
    await tab.close()
    tally.tried += tab.sent
    tally.refused += tab.refusals
    return tab.heard


async def walk_pages(port: int, walker: Walker, owner: Owner, event: str) -> list[Raw]:
    """Watch from every page that shows what is somebody's; return the connections that do.

    They stay until the end of the walk, and each has a few.
    """
    every = list(paths(owner))
    tabs = []
    for place in range(0, len(every), PAGES_OF_A_CONNECTION):
        tab = await Raw(port, cookie=walker.cookie).open(NOWHERE)
        for path in every[place : place + PAGES_OF_A_CONNECTION]:
            tab.emit(event, {}, path)
        tabs.append(tab)
    return tabs


def paths(owner: Owner) -> Iterator[str]:
    """Yield pages that show what belongs to somebody."""
    yield from (f"/orders/{owner.order}", "/orders?all=1", "/basket", "/account/sessions")
    yield "/admin"
    for room in ROOMS:
        yield f"/admin/{room}"
        yield f"/admin/{room}/{owner.ids[-1]}"


async def walk_rooms(tab: Raw, walker: Walker, owner: Owner) -> None:
    """Ask for every action of every room that `walker` may not carry out, and for some more."""
    for room in ROOMS.values():
        for action in room.actions:
            operator = ROLE_PERMISSIONS[Role.OPERATOR]
            if walker.name == "operator" and action.permission in operator:
                continue
            path = f"/admin/{room.key}"
            for keys in ([], list(owner.ids), [str(one) for one in owner.numbers]):
                tab.emit(ASK, {"room": room.key, "action": action.key, "keys": keys}, path)
                tab.emit(ACT, FORM, path)
        for odd in ("", "nothing", "__class__", "../people"):
            tab.emit(ASK, {"room": odd, "action": "retry", "keys": [owner.ids[-1]]}, NOWHERE)
            tab.emit(ASK, {"room": room.key, "action": odd, "keys": [owner.ids[-1]]}, NOWHERE)
            tab.emit(ACT, FORM, NOWHERE)


async def all_at_once(port: int, walkers: list[Walker], owner: Owner) -> dict[str, list[str]]:
    """Let everybody walk at the same time."""
    heard = await asyncio.gather(*(walk(port, walker, owner) for walker in walkers))
    return {walker.name: frames for walker, frames in zip(walkers, heard, strict=True)}


def test_nobody_gets_or_changes_what_is_not_theirs(
    inside: Site, port: int, owner: Owner, walkers: list[Walker]
) -> None:
    url = inside.running["DATABASE_OWNER_URL"]
    people = [walker.viewer.person_id for walker in walkers if walker.viewer]
    lost = [one for one in walkers if one.name in LOSE]
    wait_until_quiet(url)
    before = digest(url, people)

    heard = asyncio.run(all_at_once(port, walkers, owner))

    wait_until_quiet(url)
    give_back(url, lost)
    after = digest(url, people)
    changed = {table for table in before if before[table] != after[table]}
    leaked = [
        (name, frame[:200])
        for name, frames in heard.items()
        for frame in frames
        if owner.canary in frame
    ]
    tally.leaked += len(leaked)
    tally.changed += len(changed)
    assert leaked == []
    assert changed == set()
    assert deeds_of(url, people) <= {"person.signed-in", "access.refused", "session.ended"}


def give_back(url: str, walkers: list[Walker]) -> None:
    """Undo what this test itself did to those who lost their rights."""
    with psycopg.connect(url) as connection:
        for walker in walkers:
            assert walker.viewer is not None
            connection.execute(
                "UPDATE person SET blocked_at = NULL, roles = %s WHERE id = %s",
                [list(walker.viewer.roles), walker.viewer.person_id],
            )


def deeds_of(url: str, people: list[UUID]) -> set[str]:
    """Return what the audit says that these people did."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT DISTINCT action FROM audit_entry WHERE actor_id = ANY(%s)",
            [[str(person) for person in people]],
        )
        return {action for (action,) in found}


def test_the_walk_knows_every_event_and_who_may() -> None:
    found = everything()
    assert len(found) > 80
    assert PATIENCE_SECONDS > 0
    # What is open to everybody on one's own machine shows mails there, and is looked at elsewhere.
    locally = {
        name.rpartition(".")[0].rpartition("_state")[0].rpartition("__")[2]
        for name in found
        if (access := declared_access(name)) and access.open_locally
    }
    assert locally == {"mailbox"}
