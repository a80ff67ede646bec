"""Who may open a connection of the pages: whoever connects, and no message that says so.

Socket.IO hands a message to its namespace's method `on_<name>`, whatever name the client gave it. A
message named "connect" so reaches the method that ties a connection to a state, with a handshake of
the client's own writing: the token of another's state, another's session among the headers. It
would pass behind the back of `app.api.handshake`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from app.errors import Misconfigured

if TYPE_CHECKING:
    from reflex import App

log = logging.getLogger(__name__)


def refuse_forged_connections(app: App) -> None:
    """Let `app` take a handshake from its own server only.

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
        return await dispatch(event, *args)

    namespace.trigger_event = trigger_event
