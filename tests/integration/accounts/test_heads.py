"""HEAD says what GET would, and does nothing that a sign-in does."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from tests.integration.accounts.provider import ANSWER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def web(port: int) -> Iterator[http.client.HTTPConnection]:
    """Return a connection that would notice a body where none may be."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    yield connection
    connection.close()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health", 200),
        ("/ready", 200),
        ("/media/product/1/0", 200),
        ("/exports/0195b7a0-0000-7000-8000-000000000000", 401),
    ],
)
def test_head_answers_as_get_does_without_the_body(
    web: http.client.HTTPConnection, path: str, status: int
) -> None:
    for _ in range(2):
        web.request("HEAD", path)
        answer = web.getresponse()
        assert (answer.status, answer.read()) == (status, b"")
    web.request("GET", path)
    answer = web.getresponse()
    assert answer.status == status
    assert answer.read()


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/auth/callback?code=a&state=b"])
def test_head_begins_no_sign_in(web: http.client.HTTPConnection, path: str) -> None:
    web.request("HEAD", path)
    answer = web.getresponse()
    answer.read()

    assert answer.status in {404, 405}
    assert answer.getheader("Set-Cookie") is None
