"""What every answer carries, and which requests are ours."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from app.api.origins import is_same_origin, safe_path
from app.api.security import Security, inline_script_sources
from app.config import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

SCRIPT = "window.known = 1 < 2"
PAGE = f'<html><script src="/kit.js"></script><script type="module" async>{SCRIPT}</script></html>'


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let a test change settings."""
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def web(pages: Path) -> httpx2.AsyncClient:
    async def page(_request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def own(_request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": "default-src 'self'"})

    async def data(_request: Request) -> Response:
        return JSONResponse({"changed": True})

    async def file(request: Request) -> Response:
        known = request.headers.get("if-none-match") == '"a"'
        return PlainTextResponse("1", status_code=304 if known else 200, headers={"ETag": '"a"'})

    routes = [
        Route("/", page),
        Route("/kit.js", file),
        Route("/assets/root-DWp3.js", file),
        Route("/own", own),
        Route("/data", data, methods=["GET", "POST", "DELETE"]),
    ]
    transport = httpx2.ASGITransport(Security(Starlette(routes=routes), pages=pages))
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")


def policy_of(answer: httpx2.Response) -> dict[str, set[str]]:
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: set(sources) for name, *sources in parts}


async def test_a_page_runs_our_own_scripts_only(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "index.html").write_text(PAGE)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()

    async with web(tmp_path) as client:
        policy = policy_of(await client.get("/"))

    assert policy["script-src"] == {"'self'", "'unsafe-eval'", f"'sha256-{digest}'"}
    assert policy["default-src"] == policy["object-src"] == policy["frame-ancestors"] == {"'none'"}
    assert policy["img-src"] == {"'self'", "data:", "blob:"}
    assert policy["connect-src"] == {"'self'", "ws://localhost:8000", "ws://127.0.0.1:8000"}
    everything = set().union(*policy.values())
    assert not {source for source in everything if source.startswith(("*", "http", "wss:"))}


async def test_maps_are_let_in_with_a_key_only(tmp_path: Path, patched: pytest.MonkeyPatch) -> None:
    patched.setenv("GOOGLE_MAPS_API_KEY", "a key")

    async with web(tmp_path) as client:
        policy = policy_of(await client.get("/"))

    assert "https://maps.googleapis.com" in policy["script-src"]
    for name in ("img-src", "connect-src"):
        assert {"https://*.googleapis.com", "https://*.gstatic.com", "https://*.google.com"} < (
            policy[name]
        )
    # Vector maps draw in a worker of their own making.
    assert policy["worker-src"] == {"'self'", "blob:"}
    assert policy["default-src"] == {"'none'"}


async def test_a_form_may_lead_to_the_sign_in_service(
    tmp_path: Path, patched: pytest.MonkeyPatch
) -> None:
    patched.setenv("EXTERNAL_AUTH_DOMAIN", "https://sign-in.example/realms/company")

    async with web(tmp_path) as client:
        policy = policy_of(await client.get("/"))

    assert policy["form-action"] == {"'self'", "https://sign-in.example"}


@pytest.mark.parametrize("path", ["/", "/data", "/nowhere"])
async def test_every_answer_is_guarded(tmp_path: Path, path: str) -> None:
    async with web(tmp_path) as client:
        answer = await client.get(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_what_is_no_page_may_do_nothing(tmp_path: Path) -> None:
    async with web(tmp_path) as client:
        policy = policy_of(await client.get("/data"))

    assert policy == {"default-src": {"'none'"}, "frame-ancestors": {"'none'"}}


async def test_an_answer_may_be_stricter_by_itself(tmp_path: Path) -> None:
    async with web(tmp_path) as client:
        answer = await client.get("/own")

    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]


async def test_https_is_kept(tmp_path: Path, patched: pytest.MonkeyPatch) -> None:
    patched.setenv("APP_URL", "https://shop.example")

    async with web(tmp_path) as client:
        answer = await client.get("/")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "wss://shop.example" in policy_of(answer)["connect-src"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost:8000", "Cookie": "a=b"}, 200),
        ({"Origin": "http://127.0.0.1:8000", "Cookie": "a=b"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Cookie": "a=b"}, 200),
        ({"Origin": "http://localhost:8001"}, 403),
        ({"Origin": "https://localhost:8000"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8000"}, 403),
        ({"Cookie": "a=b"}, 403),
    ],
)
async def test_only_our_own_pages_change_anything(
    tmp_path: Path, method: str, headers: dict[str, str], status: int
) -> None:
    async with web(tmp_path) as client:
        answer = await client.request(method, "/data", headers=headers)

    assert answer.status_code == status


async def test_what_is_named_after_its_content_is_kept_for_good(tmp_path: Path) -> None:
    async with web(tmp_path) as client:
        built = "/assets/root-DWp3.js"
        for known in ({}, {"If-None-Match": '"a"'}):
            kept = (await client.get(built, headers=known)).headers
            assert kept["cache-control"] == "public, max-age=31536000, immutable"
            assert kept["x-content-type-options"] == "nosniff"
            assert kept["cross-origin-resource-policy"] == "same-origin"
        # One of an older build is not there, and may be again.
        gone = await client.get("/assets/root-OLD1.js")
        assert gone.status_code == 404
        assert "immutable" not in gone.headers.get("cache-control", "")
        assert "content-security-policy" in gone.headers
        assert (await client.get("/kit.js")).headers["cache-control"] == "no-cache"
        assert (await client.get("/")).headers["cache-control"] == "private, no-cache"


def test_a_script_from_a_file_needs_no_hash(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<script async src="/kit.js"></script>')

    assert inline_script_sources(tmp_path) == []


@pytest.mark.parametrize(
    "address",
    ["/", "/orders/10001", "/?q=b%C3%BCro&page=2", "/product/1#prices", "/a:b//c", "/authors"],
)
def test_our_own_paths_are_kept(address: str) -> None:
    assert safe_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "//evil",
        "/\\evil",
        "\\\\evil",
        "http:evil",
        "/\x00/evil",
        "/a\nb",
        "/\u2028",
        " /",
        "/auth/x",
    ],
)
def test_anything_else_becomes_the_first_page(address: str) -> None:
    assert safe_path(address) == "/"


def test_headers_of_browsers_decide_before_the_origin() -> None:
    scope = {
        "type": "http",
        "headers": [(b"sec-fetch-site", b"none"), (b"origin", b"http://localhost:8000")],
    }

    assert not is_same_origin(HTTPConnection(scope))
