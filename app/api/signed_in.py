"""What a sign-in begins and ends with, whichever way somebody comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi.responses import RedirectResponse

from app.api.csrf import form_token
from app.api.errors import page
from app.config import settings
from app.services import accounts

if TYPE_CHECKING:
    from fastapi import Request, Response

NO_STORE: Final = {"Cache-Control": "no-store"}


def sign_in_page(request: Request, target: str) -> Response:
    """Return the page that asks for an address, and offers the provider where there is one."""
    provider = f"/auth/provider?next={quote(target, safe='')}" if settings().has_provider else ""
    return page(
        "sign_in.html",
        title="Sign in",
        sentence="Give your e-mail address, and a link that signs you in is mailed to it.",
        target=target,
        provider=provider,
        posts=form_token(request),
    )


def browser_of(request: Request) -> accounts.Browser:
    """Return what the browser that asks says of itself."""
    return accounts.Browser(
        languages=request.headers.get("accept-language", ""),
        user_agent=request.headers.get("user-agent", ""),
        address=request.client.host if request.client else "",
    )


def signed_in(opened: accounts.SignedIn, target: str) -> Response:
    """Return the answer that leads to `target` with the cookie of a new session."""
    answer = RedirectResponse(target, status_code=303, headers=NO_STORE)
    set_session(answer, opened.token, opened.max_age)
    return answer


def set_session(answer: Response, value: str, max_age: int) -> None:
    """Set the cookie of the session, or take it away."""
    answer.set_cookie(
        accounts.session_cookie(),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings().is_secure,
    )
