"""The REST side: plain HTTP routes beside the pages, mounted in front of Reflex by `app.app`."""

from __future__ import annotations

from fastapi import FastAPI

from app.api import health


def create_rest() -> FastAPI:
    """Return the application that answers every route which is not a page."""
    rest = FastAPI(title="AnythingYouWantt", docs_url=None, redoc_url=None, openapi_url=None)
    rest.include_router(health.router)
    return rest
