"""Forms of ours only: each carries a token that the browser it was made for can bring back.

`app.api.security` refuses what another site sends, by what the browser says of a request. This
holds also where a browser says it wrongly or a page of ours shows somebody else's form: the token
is a signature of this browser's own cookie, and nobody else can make or read one.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Form, Request
from fastapi.routing import iter_route_contexts

from app.api.handshake import visitor_of
from app.api.origins import READING
from app.config import settings
from app.errors import Misconfigured, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import HTTPConnection
    from starlette.routing import BaseRoute

FIELD: Final = "form_token"
TOKEN_LETTERS: Final = 64


class FormOutdated(NotAllowed):
    """A form was not made for this browser, or for another sign-in of it."""


def form_token(request: HTTPConnection) -> str:
    """Return the token of a form that is shown to the browser that asks; see `app.api.errors`."""
    key = settings().session_secret.get_secret_value().encode()
    return hmac.new(key, f"form\n{visitor_of(request)}".encode(), hashlib.sha256).hexdigest()


async def _of_this_browser(
    request: Request, given: Annotated[str, Form(alias=FIELD, max_length=TOKEN_LETTERS)] = ""
) -> None:
    """Return when the form was made for this browser. Raises FormOutdated."""
    expected = form_token(request)
    if not visitor_of(request) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormOutdated("Nothing was changed. Open the page again and repeat what you did.")


async def _from_a_program() -> None:
    """Let a request pass that is proven by what it carries, and not by a cookie."""


# What a route that changes something declares, one of them: dependencies=[open_to_all, our_form].
our_form: Any = Depends(_of_this_browser)
from_a_program: Any = Depends(_from_a_program)


def refuse_unprotected(routes: Sequence[BaseRoute]) -> None:
    """Raise Misconfigured naming every changing route that does not say how it is protected."""
    names = [
        f"{','.join(sorted(changing))} {route.path}"
        for route in iter_route_contexts(routes)
        if (changing := set(route.methods or ()) - READING)
        and not {_of_this_browser, _from_a_program} & _dependencies(route)
    ]
    if names:
        raise Misconfigured(
            "Nobody has said what protects these routes from other sites; give each `our_form` or "
            f"`from_a_program` of app.api.csrf: {', '.join(names)}."
        )


def _dependencies(route: Any) -> set[Any]:  # noqa: ANN401 - FastAPI's context of a route has no common type
    dependant = getattr(route, "dependant", None)
    return {one.call for one in dependant.dependencies} if dependant else set()
