"""Which addresses are our own: where a sign-in may return to, and who may send a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.config import settings

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

LONGEST_PATH: Final = 2_048
# Methods that change nothing.
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def form_targets() -> str:
    """Return where our forms may lead, as sources of a content security policy.

    To ourselves, and by way of signing out to the sign-in service.
    """
    issuer = settings().external_auth_domain
    if issuer is None:
        return "'self'"
    parts = urlsplit(str(issuer))
    return f"'self' {parts.scheme}://{parts.netloc}"


def safe_path(value: str) -> str:
    """Return `value` where it is a path of ours, with its query; "/" for anything else.

    Browsers read a second slash, forward or back, as the start of another site's name, also with
    control characters in between. A sign-in that ends on a sign-in would never end.
    """
    if (
        not value.startswith("/")
        or value.startswith(("//", "/auth/"))
        or "\\" in value
        or len(value) > LONGEST_PATH
        or not value.isprintable()
    ):
        return "/"
    try:
        parts = urlsplit(value)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else value


def is_same_origin(request: HTTPConnection) -> bool:
    """Tell whether a request that changes something comes from ourselves or from no page at all.

    Browsers say where a request comes from. A program does not, and has no cookie to be misused.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is not None:
        return origin in settings().origins
    return site is not None or "cookie" not in request.headers


def is_of_our_pages(connection: HTTPConnection) -> bool:
    """Tell whether a websocket is opened by one of our own pages, or by no page at all."""
    origin = connection.headers.get("origin")
    return origin is None or origin in settings().origins


def is_from_our_own_page(request: HTTPConnection) -> bool:
    """Tell whether the browser says that a click on one of our own pages led here."""
    said = {name: request.headers.get(f"sec-fetch-{name}") for name in ("site", "mode", "dest")}
    return said == {"site": "same-origin", "mode": "navigate", "dest": "document"}
