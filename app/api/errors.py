"""Errors on their way out: a problem document (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.exceptions import HTTPException

from app.api.csrf import FIELD, FormOutdated
from app.api.origins import form_targets
from app.errors import AppError, Misconfigured, NotSignedIn, TooMany, Unavailable
from app.services.audit import failed, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI, Request, Response

# Routes that a person's browser shows as they are; under them every error is a page.
FOR_PEOPLE: Final = ("/auth/", "/downloads/", "/links/", "/snapshots/")
MISTYPED: Final = "The address is not one of ours: it was mistyped, or a part of it is missing."
OURS: Final = "That did not work. The mistake is ours and has been noted."
# A page without scripts, pictures or anything from elsewhere.
NOTICE_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action "
)

NOTHING_MORE: Final[Mapping[str, str]] = MappingProxyType({})

log = logging.getLogger(__name__)
_pages: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
)


def problem(status: int, sentence: str) -> JSONResponse:
    """Return a problem document that says `sentence`."""
    return JSONResponse(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": sentence,
        },
        status_code=status,
        media_type="application/problem+json",
    )


def notice(
    *,
    title: str,
    sentence: str,
    action: str,
    href: str,
    status: int = 200,
    posts: str = "",
    sent: Mapping[str, str] = NOTHING_MORE,
) -> HTMLResponse:
    """Return a page that says one thing and offers one way on.

    The way on is a link, or with `posts`, the token of `app.api.csrf`, a form that is sent, and
    `sent` with it.
    """
    return page(
        "notice.html",
        status=status,
        title=title,
        sentence=sentence,
        action=action,
        href=href,
        posts=posts,
        sent=sent,
    )


def page(template: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    """Return a page made of one of our templates; it runs nothing and is kept nowhere."""
    return HTMLResponse(
        _pages.get_template(template).render(field=FIELD, **shown),
        status_code=status,
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": NOTICE_POLICY + form_targets(),
        },
    )


def install_errors(rest: FastAPI) -> None:
    """Let every error of `rest` leave it in a form its reader understands."""
    rest.add_exception_handler(AppError, _app_error)
    rest.add_exception_handler(FormOutdated, _form_outdated)
    rest.add_exception_handler(RequestValidationError, _bad_request)
    rest.add_exception_handler(HTTPException, _http_error)
    rest.add_exception_handler(Exception, _bug)


async def _app_error(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, AppError) else 500
    sentence = error.sentence if isinstance(error, AppError) else OURS
    if isinstance(error, Misconfigured):
        log.error("%s", sentence)
    answer = _for_reader(request, status, sentence, again=isinstance(error, Unavailable | TooMany))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


async def _form_outdated(request: Request, error: Exception) -> Response:
    """Lead back to the form, which lies where it is sent to."""
    log.warning("Refused POST %s: its form is of another browser or sign-in", request.url.path)
    reason = "The form was made for another browser or sign-in."
    refused(kind="route", id=f"{request.method} {request.url.path}", reason=reason)
    return notice(
        title="This form is out of date",
        sentence=str(error),
        action="Open it again",
        href=request.url.path,
        status=FormOutdated.status,
    )


async def _bad_request(request: Request, error: Exception) -> Response:
    """Name to a program what was wrong with each part; never repeat what was sent."""
    if request.url.path.startswith(FOR_PEOPLE):
        return _for_reader(request, 422, MISTYPED)
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    parts = [f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in found]
    return _for_reader(request, 422, f"The request cannot be used. {'; '.join(parts)}.")


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentence = "There is nothing here." if status == HTTPStatus.NOT_FOUND else f"{status}"
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        sentence = f"{request.method} is not possible here."
    answer = _for_reader(request, status, sentence)
    if isinstance(error, HTTPException):
        answer.headers.update(error.headers or {})
    return answer


async def _bug(request: Request, error: Exception) -> Response:
    """Say nothing of the inside. The server logs the traceback: Starlette raises it again."""
    failed(kind="route", id=f"{request.method} {request.url.path}", problem=error)
    return _for_reader(request, 500, OURS, again=True)


def _for_reader(request: Request, status: int, sentence: str, *, again: bool = False) -> Response:
    if not request.url.path.startswith(FOR_PEOPLE):
        answer = problem(status, sentence)
        if status == NotSignedIn.status:
            answer.headers["WWW-Authenticate"] = 'Cookie realm="AnythingYouWantt"'
        return answer
    here = f"{request.url.path}?{request.url.query}".rstrip("?")
    if status == NotSignedIn.status:
        title, action, href = "Sign in first", "Sign in", f"/auth/login?next={quote(here, safe='')}"
    elif again or request.method != "GET":
        title = "Try again in a moment" if again else "That did not work"
        action, href = "Try again", here if request.method == "GET" else "/auth/login"
    else:
        # The same address would say the same again.
        title, action, href = "That did not work", "Go to the catalogue", "/"
    return notice(title=title, sentence=sentence, action=action, href=href, status=status)
