"""Who may use which route: declared at the route, refused at start where nothing is declared.

@router.get("/orders", dependencies=[open_to_all])
async def orders(person: Annotated[Viewer, allow(Permission.ORDER_READ_OWN)]) -> ...
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import iter_route_contexts

from app.acting import ActorKind, actor, acts
from app.api.handshake import visitor_of
from app.errors import AppError, Misconfigured
from app.integrations.rates import Kind, count
from app.services import accounts
from app.services.accounts import CATALOGUE, EVERYBODY, Access
from app.services.audit import refused
from app.views.accounts import Viewer
from app.work import within

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from fastapi.dependencies.models import Dependant
    from starlette.routing import BaseRoute

    from app.models.accounts import Permission


class Allowed:
    """A dependency that returns who is asking, and refuses whom the rule does not admit.

    It counts the request as one of `kind` before it looks who asks; None is not counted.
    """

    def __init__(self, access: Access, kind: Kind | None = Kind.REQUEST) -> None:
        """Go by `access`."""
        self.access = access
        self.kind = kind

    async def __call__(self, request: Request) -> Viewer | None:
        """Return who is asking. Raises TooMany, NotSignedIn or NotAllowed."""
        address = request.client.host if request.client else ""
        if self.kind is not None:
            with _noting(request):
                await count(self.kind, visitor=visitor_of(request), address=address)
        person = None
        if self.access is not EVERYBODY:
            token = request.cookies.get(accounts.session_cookie(), "")
            person = await run_in_threadpool(within, accounts.who_is_asking, token=token)
        acts(
            kind=ActorKind.PERSON if person else ActorKind.NOBODY,
            id=str(person.person_id) if person else "",
            name=person.name if person else "",
            address=address,
            trace_id=actor().trace_id,
        )
        with _noting(request):
            self.access.check(person)
        return person


@contextmanager
def _noting(request: Request) -> Generator[None]:
    """Note that the actor was refused a route, where the block raises an AppError."""
    try:
        yield
    except AppError as problem:
        what = f"{request.method} {request.url.path}"
        refused(kind="route", id=what, reason=problem.sentence)
        raise


def allow(permission: Permission, kind: Kind = Kind.REQUEST) -> Any:  # noqa: ANN401 - what FastAPI's Depends is typed as
    """Declare that a route needs `permission`; gives it the Viewer."""
    return Depends(Allowed(Access(permission), kind))


open_to_all: Any = Depends(Allowed(EVERYBODY))
open_to_sign_in: Any = Depends(Allowed(EVERYBODY, Kind.SIGNING_IN))
# For what watches over the program, and asks again and again.
open_uncounted: Any = Depends(Allowed(EVERYBODY, None))
open_as_the_catalogue: Any = Depends(Allowed(CATALOGUE))


def declared_routes(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, Access | None]]:
    """Yield every route as `METHODS path` with its rule, None where none is declared.

    What is mounted whole, or is no route of FastAPI's, cannot declare one.
    """
    for route in iter_route_contexts(routes):
        name = f"{','.join(sorted(route.methods or ()))} {route.path or route.original_route}"
        yield name, _declared(getattr(route, "dependant", None))


def undeclared_routes(routes: Sequence[BaseRoute]) -> list[str]:
    """Return every route that nobody has said who may use."""
    return [name for name, access in declared_routes(routes) if access is None]


def refuse_undeclared(routes: Sequence[BaseRoute]) -> None:
    """Raise Misconfigured naming every route that nobody has said who may use."""
    if names := undeclared_routes(routes):
        raise Misconfigured(
            "Nobody has said who may use these routes; give each allow(...) or open_to_all: "
            f"{', '.join(names)}."
        )


def _declared(dependant: Dependant | None) -> Access | None:
    calls = [one.call for one in dependant.dependencies] if dependant else []
    return next((call.access for call in calls if isinstance(call, Allowed)), None)
