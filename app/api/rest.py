"""The REST side: plain HTTP routes beside the pages, mounted in front of Reflex by `app.app`."""

from __future__ import annotations

from fastapi import FastAPI

from app.api import auth, backchannel, downloads, exports, health, links, media, snapshots
from app.api.access import open_uncounted, refuse_undeclared
from app.api.csrf import refuse_unprotected
from app.api.errors import install_errors


def create_rest() -> FastAPI:
    """Return the application that answers every route which is not a page.

    Raises Misconfigured where a route does not say who may use it, or what protects a change from
    other sites.
    """
    rest = FastAPI(title="AnythingYouWantt", docs_url=None, redoc_url=None, openapi_url=None)
    # Whoever watches over the program asks these, before anybody can sign in.
    rest.include_router(health.router, dependencies=[open_uncounted])
    rest.include_router(auth.router)
    rest.include_router(backchannel.router)
    rest.include_router(links.router)
    rest.include_router(media.router)
    rest.include_router(exports.router)
    rest.include_router(downloads.router)
    rest.include_router(snapshots.router)
    rest.include_router(snapshots.linked)
    install_errors(rest)
    refuse_undeclared(rest.routes)
    refuse_unprotected(rest.routes)
    return rest
