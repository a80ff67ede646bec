"""Signing in and out: the routes a browser is sent through, each ending on a page."""

from __future__ import annotations

import hmac
import logging
from dataclasses import asdict
from typing import Annotated, Final
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.acting import ActorKind, actor, acts
from app.api.access import allow, open_to_all, open_to_sign_in
from app.api.csrf import form_token, our_form
from app.api.errors import notice
from app.api.origins import is_from_our_own_page, safe_path
from app.api.signed_in import NO_STORE, browser_of, set_session, sign_in_page, signed_in
from app.config import LOOPBACK, settings
from app.errors import AppError, BadInput, Unavailable
from app.integrations.identity import identity_provider
from app.integrations.ports import SignInAttempt
from app.models.accounts import Permission
from app.services import accounts
from app.services.audit import sign_in_failed
from app.views.accounts import Viewer
from app.work import within

ATTEMPT_SECONDS: Final = 600
ATTEMPT_PREFIX: Final = "signing-in-"
MOST_ATTEMPTS: Final = 5

log = logging.getLogger(__name__)
router = APIRouter(prefix="/auth", include_in_schema=False)


@router.get("/login", dependencies=[open_to_sign_in])
async def login(request: Request, next: str = "/") -> Response:  # noqa: A002 - a word of the address
    """Send the browser to the provider; ask for an address where links are mailed."""
    target = safe_path(next)
    if elsewhere := _proper_host(request, target):
        return elsewhere
    if settings().sign_in_links:
        return sign_in_page(request, target)
    return await _begin(request, target)


@router.get("/provider", dependencies=[open_to_sign_in])
async def provider(request: Request, next: str = "/") -> Response:  # noqa: A002 - a word of the address
    """Send the browser to the provider from the page that offers both ways."""
    return await _begin(request, safe_path(next))


async def _begin(request: Request, target: str) -> Response:
    """Send the browser to the provider, remembering where it came from."""
    attempt = await identity_provider().begin(return_to=_callback())
    answer = RedirectResponse(attempt.url, status_code=303, headers=NO_STORE)
    started = [name for name in request.cookies if name.startswith(ATTEMPT_PREFIX)]
    if len(started) >= MOST_ATTEMPTS:
        for name in started:
            answer.delete_cookie(name, path=router.prefix)
    answer.set_cookie(
        _attempt_cookie(attempt.state),
        _signer().dumps({**asdict(attempt), "url": "", "next": target}),
        max_age=ATTEMPT_SECONDS,
        path=router.prefix,
        httponly=True,
        samesite="lax",
        secure=settings().is_secure,
    )
    return answer


@router.get("/callback", dependencies=[open_to_sign_in])
async def callback(
    request: Request,
    code: Annotated[str, Query(max_length=4096)] = "",
    state: Annotated[str, Query(max_length=512)] = "",
    error: Annotated[str, Query(max_length=256)] = "",
    iss: Annotated[str, Query(max_length=2048)] = "",
) -> Response:
    """Take the provider's answer, open a session and return to where the sign-in began."""
    started = _attempt(request, state)
    if started is None:
        return notice(
            title="This sign-in has expired",
            sentence="It was started in another browser, too long ago, or has been used already. "
            "Sign in again.",
            action="Sign in",
            href="/auth/login",
            status=400,
        )
    attempt, target = started
    try:
        answer = await _opened(
            request, attempt, code=code, error=error, answered_by=iss, target=target
        )
    except AppError as problem:
        sign_in_failed(reason=problem.sentence)
        answer = notice(
            title="You are not signed in",
            sentence=problem.sentence,
            action="Try again",
            href=f"/auth/login?next={quote(target, safe='')}",
            status=problem.status,
        )
    answer.delete_cookie(_attempt_cookie(state), path=router.prefix)
    return answer


async def _opened(
    request: Request,
    attempt: SignInAttempt,
    *,
    code: str,
    error: str,
    answered_by: str,
    target: str,
) -> Response:
    """Open a session for whom the provider vouches for, and lead to `target` with its cookie."""
    if error or not code:
        log.warning("The provider ended a sign-in with %r", error)
        raise BadInput("The sign-in was ended before it was complete. Nothing was changed.")
    identity = await identity_provider().complete(
        code=code, answered_by=answered_by, attempt=attempt, return_to=_callback()
    )
    # Should it be refused, this is who was.
    acts(kind=ActorKind.NOBODY, name=identity.email, address=actor().address)
    opened = await run_in_threadpool(
        within,
        accounts.sign_in,
        identity=identity,
        replaces=request.cookies.get(accounts.session_cookie(), ""),
        browser=browser_of(request),
    )
    return signed_in(opened, target)


@router.get("/logout", dependencies=[open_to_all])
async def logout_page(request: Request) -> Response:
    """Sign out where one of our own pages leads here; ask where anything else does."""
    if is_from_our_own_page(request):
        return await _signed_out(request)
    return notice(
        title="Sign out?",
        sentence="You will be signed out in this browser, here and at your sign-in service.",
        action="Sign out",
        href="/auth/logout",
        posts=form_token(request),
    )


@router.post("/logout", dependencies=[open_to_all, our_form])
async def logout(request: Request) -> Response:
    """Sign out of this browser and of the provider."""
    return await _signed_out(request)


@router.get("/sign-out-everywhere")
async def everywhere_page(
    request: Request, _person: Annotated[Viewer, allow(Permission.SESSION_OWN)]
) -> Response:
    """Ask first: it also ends sessions that are not in sight."""
    return notice(
        title="Sign out everywhere?",
        sentence="You will be signed out of every browser you have signed in with, this one too.",
        action="Sign out everywhere",
        href="/auth/sign-out-everywhere",
        posts=form_token(request),
    )


@router.post("/sign-out-everywhere", dependencies=[our_form])
async def everywhere(
    request: Request, person: Annotated[Viewer, allow(Permission.SESSION_OWN)]
) -> Response:
    """End every session of the person who asks, and sign out of the provider here."""
    answer = await _signed_out(request)
    ended = await run_in_threadpool(
        within, accounts.sign_out_everywhere, person_id=person.person_id
    )
    log.info("%s signed out everywhere: %d further sessions", person.person_id, ended)
    return answer


async def _signed_out(request: Request) -> Response:
    """End this browser's session, then let the provider end its own where it can."""
    token = request.cookies.get(accounts.session_cookie(), "")
    id_token = await run_in_threadpool(within, accounts.sign_out, token=token) if token else None
    address = None
    if id_token:
        try:
            address = await identity_provider().sign_out_address(
                id_token=id_token, return_to=f"{settings().public_url}/"
            )
        except Unavailable as problem:
            log.warning("Signed out here, but not at the provider: %s", problem.sentence)
    answer = RedirectResponse(address or "/", status_code=303, headers=NO_STORE)
    set_session(answer, "", 0)
    return answer


def _callback() -> str:
    return f"{settings().public_url}/auth/callback"


def _proper_host(request: Request, target: str) -> Response | None:
    """Move from one name of this machine to the other: cookies do not travel between them."""
    proper = urlsplit(settings().public_url)
    came_to = request.url.hostname
    if came_to == proper.hostname or not {came_to, proper.hostname} <= LOOPBACK:
        return None
    # Written out: `request.url_for` would look among the routes of Reflex, which wraps ours.
    here = f"{settings().public_url}{router.prefix}/login?{urlencode({'next': target})}"
    return RedirectResponse(here, status_code=303)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().session_secret.get_secret_value(), salt="signing-in")


def _attempt_cookie(state: str) -> str:
    """Return the cookie of one attempt: two tabs may sign in at the same time."""
    return f"{ATTEMPT_PREFIX}{state[:12]}"


def _attempt(request: Request, state: str) -> tuple[SignInAttempt, str] | None:
    """Return the attempt that this browser began with `state`, and where it leads."""
    if not state.isascii():
        return None
    try:
        kept = _signer().loads(
            request.cookies.get(_attempt_cookie(state), ""), max_age=ATTEMPT_SECONDS
        )
        target = safe_path(kept.pop("next"))
        attempt = SignInAttempt(**kept)
    except (BadSignature, AttributeError, KeyError, TypeError):
        return None
    return (attempt, target) if hmac.compare_digest(attempt.state, state) else None
