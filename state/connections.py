"""The connections of the pages: who may open one, and what is kept of a page that has none.

Whoever connects may open one, and no message that says so. Socket.IO hands a message to its
namespace's method `on_<name>`, whatever name the client gave it. A message named "connect" so
reaches the method that ties a connection to a state, with a handshake of the client's own writing:
the token of another's state, another's session among the headers. It would pass behind the back of
`app.api.handshake`.

Reflex keeps the state of a page for an hour after its last event, for a browser that comes back. In
one process it lies in memory all that time, and on disk as well: for a page that was left, the disk
is enough.
"""

from __future__ import annotations

import asyncio
import logging
from time import time
from typing import TYPE_CHECKING, Any, Final

from reflex.istate.manager.disk import StateManagerDisk

from app.errors import Misconfigured
from state.running import running

if TYPE_CHECKING:
    from collections.abc import Container

    from reflex import App

# A page that is loaded anew, or loses its connection for a moment, is back before that.
LEFT_SECONDS: Final = 60.0
LOOK_EVERY_SECONDS: Final = 10.0
# Events of one page that wait while another of them runs.
LONGEST_LINE: Final = 50
LINE_SECONDS: Final = 0.05

log = logging.getLogger(__name__)


def guard_connections(app: App) -> None:
    """Let `app` take a handshake from its own server only, and no more than it can deal with.

    Raises Misconfigured where the app has no events, whose connections could be guarded.
    """
    namespace = app.event_namespace
    if namespace is None:
        raise Misconfigured("The pages have no events: their connections cannot be guarded.")
    dispatch = namespace.trigger_event

    async def trigger_event(event: str, *args: Any) -> Any:  # noqa: ANN401 - as Socket.IO's own is
        if event == "connect":
            sid, handshake = (*args, None, None)[:2]
            server = app.sio
            made = server.get_environ(sid, namespace.namespace) if server else None
            # The very object that the server made: no message can hold that.
            if made is None or handshake is not made:
                log.warning("Refused a message of %s that poses as a new connection", sid)
                return None
        token = namespace.sid_to_token.get(args[0]) if args else None
        if token is not None and event == "event":
            # Read no further from a connection whose events wait: the line stays short.
            while _events_in_line(app, token) >= LONGEST_LINE:  # noqa: ASYNC110 - Reflex tells of no end
                await asyncio.sleep(LINE_SECONDS)
        try:
            return await dispatch(event, *args)
        finally:
            if token is not None and event == "disconnect":
                running.leave(token)

    namespace.trigger_event = trigger_event


def _events_in_line(app: App, token: str) -> int:
    """Return how many events of a page wait for the one before them."""
    processor = app._event_processor  # noqa: SLF001 - Reflex has no limit of its own
    return len(processor._token_queues.get(token, ())) if processor else 0  # noqa: SLF001 - the same


async def keep_open_pages_only(app: App) -> None:
    """Take the state of pages that were left out of memory, until cancelled; it stays on disk.

    With several processes it is in Redis, and none of it stays in memory.
    """
    manager, namespace = app.state_manager, app.event_namespace
    while isinstance(manager, StateManagerDisk) and namespace is not None:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        let_left_pages_expire(manager, namespace.token_to_sid, time())


def let_left_pages_expire(manager: StateManagerDisk, opened: Container[str], moment: float) -> None:
    """Have `manager` drop what it holds of pages that are not among the tokens `opened`.

    It does so itself in its next round, when it has written what it holds and nobody uses it. A
    page that is open does not expire, however long nothing happens on it.
    """
    touched = manager._token_last_touched  # noqa: SLF001 - Reflex has no setting for this
    for key, (at, token) in touched.items():
        if token.ident in opened:
            touched[key] = (moment, token)
        elif moment - at > LEFT_SECONDS:
            touched[key] = (0.0, token)
