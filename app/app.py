"""Composition root: the only file that knows everything."""

from __future__ import annotations

from functools import partial

import reflex as rx
from reflex.utils.prerequisites import get_web_dir

from app.api.arrivals import Arrivals
from app.api.bounds import Bounds
from app.api.handshake import Handshake
from app.api.heads import Heads
from app.api.rest import create_rest
from app.api.security import Security
from app.config import settings
from app.db import bound_transactions
from app.db_async import reading_in_loop
from app.flag_cache import look_before_serving
from app.integrations.rates import counting
from app.pages import (
    account,
    admin,
    basket,
    catalogue,
    comparison,
    day,
    mailbox,
    not_found,
    orders,
    product,
    snapshots,
    stores,
)
from app.telemetry import start_logging
from components.frame import look
from state.audit import keep_noting
from state.connections import guard_connections, keep_open_pages_only
from state.doorkeeper import Doorkeeper
from state.failures import explain_failure, note_browser_failure
from state.frame import following_flags
from state.guard import refuse_undeclared
from state.live import hub
from state.rights import open_sessions

__all__ = [
    "account",
    "admin",
    "app",
    "basket",
    "catalogue",
    "comparison",
    "day",
    "mailbox",
    "not_found",
    "orders",
    "product",
    "snapshots",
    "stores",
]

start_logging(settings().log_level, process="web")

refuse_undeclared()
bound_transactions()

app = rx.App(
    **look(),
    # The last one stands outermost.
    api_transformer=[
        create_rest(),
        Heads,
        Handshake,
        Bounds,
        partial(Security, pages=get_web_dir() / "build" / "client"),
        Arrivals,
    ],
    backend_exception_handler=explain_failure,
    frontend_exception_handler=note_browser_failure,
)
app.add_middleware(Doorkeeper())
guard_connections(app)
app.register_lifespan_task(look_before_serving)
app.register_lifespan_task(hub.listen)
app.register_lifespan_task(following_flags)
app.register_lifespan_task(keep_noting)
app.register_lifespan_task(open_sessions.keep_looking)
app.register_lifespan_task(counting)
app.register_lifespan_task(reading_in_loop)
app.register_lifespan_task(keep_open_pages_only, app=app)
