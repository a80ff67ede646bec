"""Announcements, which reach the program that is served in this process a little later."""

from __future__ import annotations

import threading
from uuid import uuid4

from app.integrations import live
from state.live import hub
from tests.integration.ordering.waiting import wait_until


def all_is_heard() -> None:
    """Return when the program has heard everything that was announced until now.

    That somebody has signed in, for one: it forgets whom it knows, and looks again.
    """
    marker, heard = f"test:{uuid4()}", threading.Event()

    def hear(topics: frozenset[str]) -> None:
        if marker in topics:
            heard.set()

    def is_heard() -> bool:
        # Again each time: nobody hears what is announced while the subscription is made anew.
        live.announce([marker])
        return heard.wait(0.1)

    hub.hears(hear)
    wait_until(is_heard, "an announcement was not heard")
