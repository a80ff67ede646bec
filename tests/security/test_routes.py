"""Every route, with every method, as everybody: what is not theirs is refused, nothing changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from app.api.csrf import FIELD
from app.api.handshake import visitor_cookie
from app.api.rest import create_rest
from app.services import accounts
from app.work import within
from tests.security.payloads import HTML, HUGE, SQL
from tests.security.raw import PATIENCE_SECONDS
from tests.security.scene import digest, signed_in, wait_until_quiet
from tests.security.tally import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.security.scene import Owner
    from tests.site import Site

READING = ("GET", "HEAD", "OPTIONS", "TRACE", "ODD")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
# Beside our own routes: what Reflex and its server bring along, and what somebody might guess.
GUESSED = (
    "/ping",
    "/_health",
    "/_upload",
    "/_all_routes",
    "/auth-codespace",
    "/docs",
    "/openapi.json",
    "/redoc",
    "/.env",
    "/running.env",
    "/../running.env",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/../../../etc/passwd",
    "/admin",
    "/mailbox",
    "/account/sessions",
)
IN_PATHS = ("1", "0", "-1", str(2**63), "x", SQL, "..%2f..%2fetc%2fpasswd", "%00")
REFUSED = {400, 401, 403, 404, 405, 413, 415, 422, 429, 501}


def addresses(owner: Owner) -> Iterator[str]:
    """Yield the address of every route, with odd things in the place of its parameters."""
    for route in iter_route_contexts(create_rest().routes):
        for value in (*IN_PATHS, str(owner.order), *owner.ids):
            yield re.sub(r"\{[^}]+\}", value, route.path or "")
    yield from GUESSED
    yield f"/orders/{owner.order}"


def bodies(owner: Owner) -> Iterator[dict[str, str]]:
    """Yield forms: none, one of other people's things, and odd ones."""
    yield {}
    yield {FIELD: "0" * 64, "session_id": owner.ids[-2], "person_id": owner.ids[0]}
    yield {FIELD: HUGE, "email": HTML, "token": SQL, "logout_token": "e30.e30.e30"}


@pytest.fixture
def cookies(inside: Site, owner: Owner) -> dict[str, str]:
    """Return the Cookie headers of those who walk, none of whom will have signed out after it."""
    assert inside
    visitor = f"{visitor_cookie()}=a-browser"
    forged = f"{accounts.session_cookie()}={owner.ids[-2]}"
    return {
        "nobody": "",
        "a visitor": visitor,
        "somebody with a forged cookie": forged,
        "a buyer": signed_in("route-buyer", "buyer")[0],
        "an operator": signed_in("route-operator", "operator")[0],
    }


def test_nobody_gets_or_changes_what_is_not_theirs(
    inside: Site, owner: Owner, cookies: dict[str, str]
) -> None:
    url = inside.running["DATABASE_OWNER_URL"]
    wait_until_quiet(url)
    before = digest(url, [])
    refused: dict[str, int] = {}

    with httpx2.Client(base_url=inside.url, timeout=PATIENCE_SECONDS) as web:
        for name, cookie in cookies.items():
            for address in sorted(set(addresses(owner))):
                for answer in asked(web, address, cookie, owner):
                    tally.tried += 1
                    tally.leaked += owner.canary in answer.text
                    assert owner.canary not in answer.text, address
                    assert answer.status_code < 500 or answer.status_code == 501, address
                    assert "Traceback" not in answer.text, address
                    refused[name] = refused.get(name, 0) + (answer.status_code in REFUSED)

    wait_until_quiet(url)
    tally.refused += sum(refused.values())
    after = digest(url, [])
    changed = {table for table in before if before[table] != after[table]} - {"person_session"}
    tally.changed += len(changed)
    assert changed == set()
    assert all(number > 100 for number in refused.values())
    # Nobody was signed out by a form that was not theirs.
    for name in ("a buyer", "an operator"):
        token = cookies[name].partition("=")[2]
        assert is_signed_in(token), name


def asked(web: httpx2.Client, address: str, cookie: str, owner: Owner) -> Iterator[httpx2.Response]:
    """Yield the answers to every method and body, from our own page and from elsewhere."""
    ours = str(web.base_url).rstrip("/")
    headers = {"Cookie": cookie} if cookie else {}
    for method in READING:
        yield answer_to(web, method, address, headers)
    for method in CHANGING:
        for body in bodies(owner):
            yield answer_to(web, method, address, {**headers, "Origin": ours}, body)
        for origin in ("https://evil.example", "null"):
            yield answer_to(web, method, address, {**headers, "Origin": origin}, {})


def answer_to(
    web: httpx2.Client,
    method: str,
    address: str,
    headers: dict[str, str],
    body: dict[str, str] | None = None,
) -> httpx2.Response:
    """Return the answer; once more where the server has closed a connection it refused before."""
    try:
        return web.request(method, address, headers=headers, data=body)
    except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
        return web.request(method, address, headers=headers, data=body)


def is_signed_in(token: str) -> bool:
    """Tell whether a session still runs."""
    return within(accounts.who_is_asking, token=token) is not None


def test_json_and_files_in_place_of_a_form_change_nothing(
    inside: Site, cookies: dict[str, str]
) -> None:
    cookie = cookies["a buyer"]
    headers = {"Cookie": cookie, "Origin": inside.url}
    with httpx2.Client(base_url=inside.url, timeout=PATIENCE_SECONDS) as web:
        for path in ("/auth/logout", "/auth/sign-out-everywhere"):
            for given in (
                {"json": {FIELD: "x"}},
                {"files": {FIELD: ("x", b"x")}},
                {"content": b"\xff\xfe"},
                {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
            ):
                more = {**headers, **given.pop("headers", {})}  # pyright: ignore[reportGeneralTypeIssues, reportCallIssue, reportArgumentType] - its values differ
                answer = web.post(path, headers=more, **given)  # pyright: ignore[reportArgumentType] - the same
                tally.tried += 1
                tally.refused += answer.status_code in REFUSED
                assert answer.status_code in {400, 403, 422}, answer.text
    assert is_signed_in(cookie.partition("=")[2])
