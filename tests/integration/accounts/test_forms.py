"""Forms are taken from the browser and the sign-in they were shown to, and from nobody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from app.api.access import open_to_all
from app.api.csrf import FIELD, our_form, refuse_unprotected
from app.api.handshake import visitor_cookie
from app.api.rest import create_rest
from app.errors import Misconfigured
from app.services import accounts
from tests.integration.accounts.test_sign_out import A_CLICK, who

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from tests.integration.accounts.provider import Browser

PATHS = ["/auth/logout", "/auth/sign-out-everywhere"]
A_PAGE = {"Accept": "text/html"}


def token_in(page: httpx2.Response) -> str:
    """Return the token of the one form of a page."""
    (found,) = re.findall(rf'name="{FIELD}" value="([^"]+)"', page.text)
    return found


async def post(browser: Browser, path: str, token: str | None) -> httpx2.Response:
    data = {} if token is None else {FIELD: token}
    return await browser.web.post(path, data=data, headers=A_CLICK)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é" * 64])
async def test_a_form_without_its_token_changes_nothing_and_leads_back_to_it(
    browser: Browser, path: str, token: str | None
) -> None:
    await browser.sign_in()

    answer = await post(browser, path, token)

    assert answer.status_code == 403
    assert "This form is out of date" in answer.text
    assert f'href="{path}"' in answer.text
    assert who(browser) is not None


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_of_another_browser_or_sign_in_is_refused(
    browser: Browser, new_browser: Callable[[], Browser], path: str
) -> None:
    stranger = new_browser()
    await browser.sign_in()
    await stranger.sign_in()
    of_another = token_in(await stranger.web.get(path))
    before = token_in(await browser.web.get(path))
    await browser.sign_in()

    for token in (of_another, before):
        assert (await post(browser, path, token)).status_code == 403
    assert who(browser) is not None
    assert (await post(browser, path, token_in(await browser.web.get(path)))).status_code == 303


async def test_who_is_not_signed_in_has_a_form_of_their_browser(browser: Browser) -> None:
    page = await browser.web.get("/auth/logout", headers=A_PAGE)
    assert visitor_cookie() in browser.web.cookies

    assert (await post(browser, "/auth/logout", token_in(page))).status_code == 303
    browser.web.cookies.delete(visitor_cookie())
    assert (await post(browser, "/auth/logout", token_in(page))).status_code == 403


async def test_without_any_cookie_no_form_is_taken(browser: Browser) -> None:
    page = await browser.web.get("/auth/logout")
    assert accounts.session_cookie() not in browser.web.cookies

    assert (await post(browser, "/auth/logout", token_in(page))).status_code == 403


async def test_a_token_that_is_too_long_is_not_looked_at(browser: Browser) -> None:
    await browser.sign_in()

    assert (await post(browser, "/auth/logout", "0" * 65)).status_code == 422
    assert who(browser) is not None


def test_a_changing_route_that_declares_nothing_stops_the_start() -> None:
    router = APIRouter(prefix="/inner", dependencies=[open_to_all])
    router.add_api_route("/read", lambda: None, methods=["GET"])
    router.add_api_route("/change", lambda: None, methods=["GET", "DELETE"])
    router.add_api_route("/form", lambda: None, methods=["POST"], dependencies=[our_form])
    rest = FastAPI(openapi_url=None)
    rest.include_router(router)

    with pytest.raises(Misconfigured, match=r": DELETE /inner/change\.$"):
        refuse_unprotected(rest.routes)


def _routes() -> list[Any]:
    return list(iter_route_contexts(create_rest().routes))


def test_every_form_can_be_opened_where_it_is_sent_to() -> None:
    read = {route.path for route in _routes() if "GET" in (route.methods or ())}
    forms = {
        route.path
        for route in _routes()
        if any(one.call is our_form.dependency for one in route.dependant.dependencies)
    }

    assert forms >= set(PATHS)
    assert forms <= read
