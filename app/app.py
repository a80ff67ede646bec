"""Composition root: the only file that knows everything."""

from __future__ import annotations

import reflex as rx

from app.api.rest import create_rest
from app.config import settings
from app.pages import basket, catalogue, not_found, orders
from app.telemetry import start_logging
from components.frame import look
from state.live import hub

__all__ = ["app", "basket", "catalogue", "not_found", "orders"]

start_logging(settings().log_level, process="web")

app = rx.App(**look(), api_transformer=create_rest())
app.register_lifespan_task(hub.listen)
