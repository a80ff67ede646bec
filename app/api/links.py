"""Signing in by a link: asking for it, and using it up with a button.

A link that is only opened changes nothing: the programs that look into mails for their people open
every link in them.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.api.access import open_to_sign_in
from app.api.csrf import form_token, our_form
from app.api.errors import notice
from app.api.origins import safe_path
from app.api.signed_in import browser_of, signed_in
from app.config import settings
from app.errors import NotAllowed, NotFound
from app.services import accounts
from app.services.audit import sign_in_failed
from app.work import within

# Names the browser that asked: the link works in no other.
COOKIE: Final = "sign-in-link"
COOKIE_SECONDS: Final = int(accounts.LINK_LIFE.total_seconds())
LONGEST: Final = 254
LONGEST_SECRET: Final = 64


def _links_are_on() -> None:
    """Return where people sign in by links. Raises NotFound elsewhere."""
    if not settings().sign_in_links:
        raise NotFound("There is nothing here.")


router = APIRouter(prefix="/auth", include_in_schema=False, dependencies=[Depends(_links_are_on)])


@router.post("/login", dependencies=[open_to_sign_in, our_form])
async def ask(
    request: Request,
    email: Annotated[str, Form(max_length=LONGEST)] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - a word of the address
) -> Response:
    """Have a link mailed, and say the same whoever asks for whatever address."""
    secret = _secret(request) or secrets.token_urlsafe(32)
    await run_in_threadpool(
        within,
        accounts.ask_for_link,
        email=email,
        browser_secret=secret,
        address=browser_of(request).address,
        target=safe_path(next),
    )
    answer = notice(
        title="Look into your mail",
        sentence="If this address may sign in here, a link is on its way to it. It works once, "
        "within 15 minutes, and in this browser only.",
        action="Ask for another link",
        href="/auth/login",
    )
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_SECONDS,
        path=router.prefix,
        httponly=True,
        samesite="lax",
        secure=settings().is_secure,
    )
    return answer


@router.get("/link", dependencies=[open_to_sign_in])
async def look(request: Request, token: Annotated[str, Query(max_length=LONGEST)] = "") -> Response:
    """Show the button that uses the link up, or why it cannot be used."""
    try:
        who = await run_in_threadpool(
            within, accounts.who_by_link, token=token, browser_secret=_secret(request)
        )
    except NotAllowed as problem:
        return _refused(problem)
    return notice(
        title="Sign in",
        sentence=f"You will be signed in as {who}.",
        action="Sign in",
        href="/auth/link",
        posts=form_token(request),
        sent={"token": token},
    )


@router.post("/link", dependencies=[open_to_sign_in, our_form])
async def use(request: Request, token: Annotated[str, Form(max_length=LONGEST)] = "") -> Response:
    """Use the link up: open a session for its person, and lead to where they wanted to go."""
    try:
        opened, target = await run_in_threadpool(
            within,
            accounts.sign_in_by_link,
            token=token,
            browser_secret=_secret(request),
            replaces=request.cookies.get(accounts.session_cookie(), ""),
            browser=browser_of(request),
        )
    except NotAllowed as problem:
        return _refused(problem)
    answer = signed_in(opened, target)
    answer.delete_cookie(COOKIE, path=router.prefix)
    return answer


def _secret(request: Request) -> str:
    return request.cookies.get(COOKIE, "")[:LONGEST_SECRET]


def _refused(problem: NotAllowed) -> Response:
    sign_in_failed(reason=problem.sentence)
    return notice(
        title="You are not signed in",
        sentence=problem.sentence,
        action="Ask for a new link",
        href="/auth/login",
        status=problem.status,
    )
