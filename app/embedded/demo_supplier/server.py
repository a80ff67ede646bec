"""The demo suppliers over HTTP. Nothing is kept: answers follow from the seed and the clock."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from app.embedded.demo_supplier.pictures import picture
from app.embedded.demo_supplier.suppliers import (
    ATLAS_TOKEN,
    NORDA_KEY,
    AtlasOffice,
    NordaSupply,
    VerkkoTools,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from app.embedded.demo_supplier.suppliers import DemoSupplier

MOST_PER_PAGE = 500


def answer(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:  # noqa: ANN401 - any JSON
    """Return `content` as JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def _number(request: Request, name: str, default: int, *, most: int = 1_000_000) -> int:
    """Return a whole number of the query between 0 and `most`; what is none is the default."""
    text = request.query_params.get(name, "")
    return min(int(text), most) if text.isdecimal() else default


def _records(supplier: DemoSupplier, what: str) -> tuple[int, Callable[[slice], list[Any]]]:
    """Return how many products or stores there are and how to make a slice of them."""
    if what == "stores":
        return len(supplier.shops), lambda part: [
            supplier.store(one) for one in supplier.shops[part]
        ]
    moment = time.time()
    return len(supplier.items), lambda part: [
        supplier.product(item, moment) for item in supplier.items[part]
    ]


def _skip_and_limit(supplier: DemoSupplier, what: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        skip = _number(request, "skip", 0)
        limit = _number(request, "limit", 30, most=MOST_PER_PAGE)
        total, make = _records(supplier, what)
        records = make(slice(skip, skip + limit))
        return answer({what: records, "total": total, "skip": skip, "limit": len(records)})

    return page


def _linked(supplier: DemoSupplier, what: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-api-key", ""), NORDA_KEY):
            return answer({"error": "The header X-Api-Key is missing or wrong."}, status=401)
        number = max(_number(request, "page", 1), 1)
        size = max(_number(request, "per_page", 50, most=MOST_PER_PAGE), 1)
        total, make = _records(supplier, what)
        here = str(request.url.replace(query=""))
        link = f'<{here}?page={number + 1}&per_page={size}>; rel="next"'
        headers = {"Link": link} if number * size < total else None
        return answer(make(slice((number - 1) * size, number * size)), headers=headers)

    return page


def _cursored(supplier: DemoSupplier, what: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given, f"Bearer {ATLAS_TOKEN}"):
            return answer({"detail": "A bearer token is needed."}, status=401)
        cursor = request.query_params.get("cursor", "")
        try:
            start = int(base64.urlsafe_b64decode(cursor)) if cursor else 0
        except (binascii.Error, ValueError):
            return answer({"detail": "This cursor was not given out here."}, status=400)
        size = max(_number(request, "page_size", 50, most=MOST_PER_PAGE), 1)
        total, make = _records(supplier, what)
        end = start + size
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < total else None
        return answer({"results": make(slice(start, end)), "next": following})

    return page


def _routes(
    supplier: DemoSupplier, paged: Callable[[DemoSupplier, str], Callable[[Request], Response]]
) -> list[Route]:
    def categories(_request: Request) -> Response:
        return answer({"categories": supplier.categories()})

    def drawing(request: Request) -> Response:
        item = supplier.by_sku.get(request.path_params["sku"])
        if item is None:
            return answer({"error": "There is no such picture."}, status=404)
        return Response(
            picture(item, request.path_params["view"]),
            media_type="image/svg+xml",
            headers={"Cache-Control": "public, max-age=86400"},
        )

    return [
        Route("/products", paged(supplier, "products")),
        Route("/stores", paged(supplier, "stores")),
        Route("/categories", categories),
        Route("/pictures/{sku}-{view:int}.svg", drawing),
    ]


def create_server(*, seed: int = 1) -> Starlette:
    """Return the server; another `seed` leaves out and brands other variants."""
    return Starlette(
        routes=[
            Route("/health", lambda _request: answer({"status": "alive"})),
            Mount("/verkko", routes=_routes(VerkkoTools("verkko", seed), _skip_and_limit)),
            Mount("/norda", routes=_routes(NordaSupply("norda", seed), _linked)),
            Mount("/atlas", routes=_routes(AtlasOffice("atlas", seed), _cursored)),
        ]
    )
