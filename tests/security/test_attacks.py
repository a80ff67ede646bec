"""What has a name of its own: fixation, replay, open redirects, cookies, forged connections."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest

from app.api.bounds import LONGEST_MESSAGE
from app.api.handshake import session_owner, state_token, visitor_cookie
from app.services import accounts
from app.services.accounts import SESSION_ID
from app.work import within
from state.session import SessionState
from tests.security.raw import PATIENCE_SECONDS, ROOT, Raw
from tests.security.scene import signed_in
from tests.security.tally import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site import Site

SESSION = SessionState.get_full_name()


def refused(*, holds: bool = True) -> None:
    """Count something that was tried, and assert that it was refused."""
    tally.tried += 1
    tally.refused += holds
    assert holds


@pytest.fixture
def web(inside: Site) -> Iterator[httpx2.Client]:
    """Return a browser without scripts that goes where it is sent one step at a time."""
    with httpx2.Client(base_url=inside.url, timeout=PATIENCE_SECONDS) as client:
        yield client


def sign_in(web: httpx2.Client, target: str = "/", person: str = "buyer") -> httpx2.Response:
    """Sign in at the development provider; return the answer that sets the cookie."""
    return web.get(way_back(web, target, person))


def way_back(web: httpx2.Client, target: str = "/", person: str = "buyer") -> str:
    """Sign in at the provider; return the address it sends the browser back to."""
    at = web.get("/auth/login", params={"next": target}).headers["location"]
    with httpx2.Client(timeout=PATIENCE_SECONDS) as outside:
        page = outside.get(at)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        answer = outside.post(at.partition("?")[0], data={**hidden, "person": person})
    return answer.headers["location"]


def test_a_session_that_somebody_chose_before_the_sign_in_is_not_taken(web: httpx2.Client) -> None:
    chosen = "A" * 43
    web.cookies.set(accounts.session_cookie(), chosen)
    answer = sign_in(web)
    (given,) = [one for one in answer.headers.get_list("set-cookie") if "session-" in one]

    refused(holds=chosen not in given)
    refused(holds=within(accounts.who_is_asking, token=chosen) is None)
    # Signing in again ends the session the browser had.
    before = given.partition("=")[2].partition(";")[0]
    sign_in(web)
    refused(holds=within(accounts.who_is_asking, token=before) is None)


def test_the_cookies_are_for_the_server_alone(web: httpx2.Client) -> None:
    page = web.get("/", headers={"Accept": "text/html"})
    answer = sign_in(web)
    given = [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]

    kept = [one for one in given if "Max-Age=0" not in one and "max-age=0" not in one.lower()]
    assert len(kept) >= 2
    for one in kept:
        flags = {part.strip().lower() for part in one.split(";")[1:]}
        refused(holds={"httponly", "samesite=lax", "path=/"} <= flags)
        refused(holds="domain" not in one.lower())


def test_the_answer_of_the_provider_counts_once_and_in_its_browser(
    inside: Site, web: httpx2.Client
) -> None:
    back = way_back(web)
    with httpx2.Client(base_url=inside.url, timeout=PATIENCE_SECONDS) as another:
        # Signing somebody else in as oneself: their browser did not begin this.
        refused(holds=another.get(back).status_code == 400)
    assert web.get(back).status_code == 303
    refused(holds=web.get(back).status_code == 400)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:%20a=b/../..//evil.example\r\nLocation: https://evil.example",
        "http:evil.example",
        "/auth/logout",
    ],
)
def test_nobody_is_led_away_after_signing_in(web: httpx2.Client, target: str) -> None:
    answer = sign_in(web, target)

    refused(holds=answer.headers["location"] == "/")
    refused(holds="a=b" not in str(answer.headers.get_list("set-cookie")))


@pytest.mark.parametrize("path", ["/", "/orders", "/admin", "/auth/logout", "/health", "/nowhere"])
def test_every_answer_says_what_a_browser_may_do_with_it(web: httpx2.Client, path: str) -> None:
    headers = web.get(path, headers={"Accept": "text/html"}, follow_redirects=True).headers
    policy = headers["content-security-policy"]

    refused(holds=headers["x-content-type-options"] == "nosniff")
    refused(holds=headers["referrer-policy"] == "same-origin")
    refused(holds=headers["cross-origin-opener-policy"] == "same-origin")
    refused(holds="frame-ancestors 'none'" in policy)
    refused(holds="default-src 'none'" in policy)
    refused(holds="'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0])


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_another_site_opens_no_socket_of_ours(
    inside: Site, web: httpx2.Client, origin: str
) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Origin": origin,
    }
    assert inside
    answer = web.get("/_event/?EIO=4&transport=websocket&token=a", headers=headers)
    refused(holds=answer.status_code in range(400, 500))
    polling = web.get("/_event/?EIO=4&transport=polling&token=a", headers={"Origin": origin})
    refused(holds=polling.status_code in range(400, 500))


async def state_of(port: int, token: str, cookie: str) -> str:
    """Return what the program sends to whoever presents a token with these cookies."""
    tab = await Raw(port, token=token, cookie=cookie).open()
    tab.emit(f"{ROOT}.hydrate", {})
    await tab.settle()
    await tab.close()
    return "".join(tab.heard)


def test_the_token_of_somebodys_state_gives_nobody_else_anything(port: int) -> None:
    hers, ann = signed_in("Ann", "buyer")
    eves, _ = signed_in("Eve", "admin")
    token = str(uuid4())

    assert ann.email in asyncio.run(state_of(port, token, hers))
    kept = state_token(session_owner(ann), token)
    forged = f"{SESSION_ID}={ann.session_id}; {visitor_cookie()}={ann.session_id}"
    for presented in (token, kept):
        for cookie in (eves, "", forged):
            refused(holds=ann.email not in asyncio.run(state_of(port, presented, cookie)))


async def forged_connection(port: int, session_id: object, token: str) -> str:
    """Send a message that is named as the server's own note of a new connection."""
    tab = await Raw(port).open()
    scope = {"client": ["192.0.2.1", 1], "headers": [["cookie", f"{SESSION_ID}={session_id}"]]}
    for name in ("connect", "disconnect", "trigger_event", "event", "emit_update", "ping"):
        tab.say(name, {"QUERY_STRING": f"token={token}", "asgi.scope": scope})
        tab.say(name, token, {"asgi.scope": scope})
        tab.say(name)
    tab.say("link_token_to_sid", token)
    for text in (
        "",
        "4",
        "42",
        "42/_event",
        "42/_event,",
        "9",
        "42/_event,[",
        "45999999-/_event,[]",
    ):
        tab.write(text)
    await tab.close()
    tab = await Raw(port).open()
    tab.emit(f"{ROOT}.hydrate", {})
    await tab.settle()
    await tab.close()
    return "".join(tab.heard)


def test_no_message_passes_for_a_connection_of_somebody_else(port: int) -> None:
    cookie, ann = signed_in("Ann", "buyer")
    token = str(uuid4())
    asyncio.run(state_of(port, token, cookie))
    kept = state_token(session_owner(ann), token)

    heard = asyncio.run(forged_connection(port, ann.session_id, kept))
    tally.tried += 20
    refused(holds=ann.email not in heard)


async def too_long(port: int) -> bool:
    tab = await Raw(port).open()
    tab.emit(f"{SESSION}.show_forbidden", {"path": "x" * LONGEST_MESSAGE})
    return await tab.is_closed()


def test_a_message_beyond_any_length_ends_its_connection(port: int) -> None:
    refused(holds=asyncio.run(too_long(port)))


async def unknown(port: int) -> Raw:
    tab = await Raw(port).open()
    for name in (
        "",
        "nothing",
        "app.app",
        f"{SESSION}.__init__",
        f"{SESSION}._load",
        f"{SESSION}.",
    ):
        tab.emit(name, {})
    for name in ("setvar", "reset", "get_state", "dict", "get_delta", "add_var"):
        tab.emit(f"{SESSION}.{name}", {"var_name": "signed_in", "value": True})
    await tab.settle()
    await tab.close()
    return tab


def test_what_is_no_event_does_nothing(port: int) -> None:
    tab = asyncio.run(unknown(port))
    tally.tried += tab.sent

    refused(holds='"signed_in_rx_state_":true' not in "".join(tab.heard).replace(" ", ""))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_a_form_of_another_site_is_refused_before_anything_looks_at_it(
    web: httpx2.Client, headers: dict[str, str]
) -> None:
    sign_in(web)
    for path in ("/auth/logout", "/auth/sign-out-everywhere"):
        refused(holds=web.post(path, headers=headers).status_code == 403)
    token = web.cookies[accounts.session_cookie()]
    refused(holds=within(accounts.who_is_asking, token=token) is not None)


def test_search_engines_are_led_to_what_everybody_may_open(web: httpx2.Client) -> None:
    listed = re.findall(r"<loc>([^<]*)</loc>", web.get("/sitemap.xml").text)

    refused(holds=sorted(urlsplit(one).path for one in listed) == ["/", "/stores"])
