"""Whether a flag is on: known in this process, so that asking costs no query.

One thread per process keeps a connection to Postgres. It reads the rules when a notification says
that one has changed, and once a second in any case. A process that cannot reach Postgres goes by
what it has read last.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import psycopg

from app import db
from app.config import settings
from app.errors import AppError, Held
from app.flags import ON, FlagKind, Rule, overrides, parse_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from app.flags import Flag
    from app.views.accounts import Viewer

# A transaction that changes a rule notifies here.
CHANNEL: Final = "flag_changed"
LOOK_EVERY_SECONDS: Final = 1.0
# Who asks first waits for the first look, but not without end.
FIRST_LOOK_SECONDS: Final = 6.0

log = logging.getLogger(__name__)

# Names of flags with their rules, as they stand in the table.
Rows = list[tuple[Any, ...]]


class Follower:
    """What this process knows of the rules that administrators have set."""

    def __init__(self) -> None:
        """Know nothing; the first question starts the thread that looks."""
        self._rows: Rows | None = None
        self._rules: Mapping[str, Rule] | None = None
        self._starting = threading.Lock()
        self._started = False
        self._has_tried = threading.Event()
        self._tells: list[Callable[[], None]] = []

    def rules(self) -> Mapping[str, Rule] | None:
        """Return the rules by the name of their flag, None while Postgres was never reached."""
        if not self._has_tried.is_set():
            self._start()
            self._has_tried.wait(FIRST_LOOK_SECONDS)
        return self._rules

    def _take(self, rows: Rows) -> None:
        if rows != self._rows:
            self._rows, self._rules = rows, _parsed(rows)
            for tell in list(self._tells):
                tell()

    @contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell` in the thread that looks whenever other rules hold than before."""
        self._tells.append(tell)
        try:
            yield
        finally:
            self._tells.remove(tell)

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                self._started = True
                threading.Thread(target=self._follow, name="flags", daemon=True).start()

    def _follow(self) -> None:
        is_away = False
        while True:
            try:
                with db.raw_connection() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while True:
                        self._take(_read(connection))
                        self._has_tried.set()
                        if is_away:
                            log.info("The feature flags can be read again.")
                            is_away = False
                        for _ in connection.notifies(timeout=LOOK_EVERY_SECONDS, stop_after=1):
                            pass
            except (psycopg.Error, AppError) as problem:
                if not is_away:
                    log.warning("The feature flags stay as they were read last: %s", problem)
                    is_away = True
            self._has_tried.set()
            sleep(LOOK_EVERY_SECONDS)


def _read(connection: psycopg.Connection) -> Rows:
    try:
        return connection.execute("SELECT name, rule FROM feature_flag ORDER BY name").fetchall()
    except psycopg.errors.UndefinedTable:
        # A database that is about to be migrated: nobody can have set anything.
        return []


def _parsed(rows: Rows) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for name, text in rows:
        try:
            rules[name] = parse_rule(text)
        except AppError as problem:
            log.warning("The rule of the flag %s is passed over: %s", name, problem.sentence)
    return rules


_follower = Follower()
telling = _follower.telling
# A process that was forked has no thread of its own yet.
os.register_at_fork(after_in_child=_follower.__init__)


async def look_before_serving() -> None:
    """Read the flags for the first time, off the event loop: nobody's event waits for that."""
    await asyncio.to_thread(_follower.rules)


def rule_of(flag: Flag) -> Rule:
    """Return the rule of `flag` that holds in this process.

    A kill switch of which nothing is known counts as on: the database is away, and whatever
    begins in the moment when it comes back must not slip through.
    """
    given = settings()
    if (overridden := overrides(given.feature_flags).get(flag.name)) is not None:
        return overridden
    if given.database_url is None:
        return flag.default_rule
    rules = _follower.rules()
    if rules is None and flag.kind is FlagKind.KILL_SWITCH:
        return ON
    return (rules or {}).get(flag.name, flag.default_rule)


def is_on(flag: Flag, person: Viewer | None = None) -> bool:
    """Tell whether `flag` is on for `person`, None being somebody who is not signed in."""
    rule = rule_of(flag)
    if person is None:
        return rule.fits(flag.name, person_id=None)
    return rule.fits(flag.name, person_id=person.person_id, roles=person.roles)


def refuse_while(*switches: Flag) -> None:
    """Raise Held with the sentence of the first of these kill switches that is on."""
    for switch in switches:
        if is_on(switch):
            raise Held(switch.refusal)
