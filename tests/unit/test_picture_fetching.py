"""Fetching pictures: what a hostile feed could send us to, and what could come back."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from app.errors import Unavailable
from app.integrations import pictures
from app.integrations.pictures import PictureRefused, fetch_picture

if TYPE_CHECKING:
    from collections.abc import Callable

FEED = "http://127.0.0.1:8100/norda/products"
PNG = b"\x89PNG\r\n\x1a\n"


class Net:
    """Answers requests by address and keeps what was asked; resolves names as it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> None:
        """Resolve `names` to the addresses beside them, and no other name."""
        self.asked: list[httpx.Request] = []
        self.answers: dict[str, Callable[[], httpx.Response]] = {}

        def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
            if host not in names:
                raise socket.gaierror
            return [(2, 1, 6, "", (address, port)) for address in names[host].split()]

        monkeypatch.setattr(pictures.socket, "getaddrinfo", resolve)

    def fetch(self, url: str) -> pictures.Picture:
        """Fetch as the program does."""

        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            make = self.answers.get(request.url.path, lambda: httpx.Response(404))
            return make()

        return fetch_picture(url, feed_url=FEED, transport=httpx.MockTransport(answer))

    def serve(
        self, path: str, content: bytes = PNG, kind: str = "image/png", status: int = 200
    ) -> None:
        """Answer `path` with `content`."""
        self.answers[path] = lambda: httpx.Response(
            status, content=content, headers={"content-type": kind}
        )

    def send_on(self, path: str, to: str) -> None:
        """Answer `path` with a redirect."""
        self.answers[path] = lambda: httpx.Response(302, headers={"location": to})


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    return Net(
        monkeypatch,
        {
            "cdn.example": "93.184.216.34",
            "six.example": "2606:2800:220:1::1",
            "inside.example": "10.0.0.7",
            "both.example": "93.184.216.34 127.0.0.1",
            "metadata.example": "169.254.169.254",
            "mapped.example": "::ffff:127.0.0.1",
            "shared.example": "100.64.0.1",
            "localhost": "127.0.0.1",
            "127.0.0.1": "127.0.0.1",
            "[::1]": "::1",
            "::1": "::1",
        },
    )


def test_the_feeds_own_host_is_asked_wherever_it_is(net: Net) -> None:
    net.serve("/pictures/1.png")
    assert net.fetch("http://127.0.0.1:8100/pictures/1.png").content == PNG


def test_another_host_is_asked_at_the_address_that_was_checked(net: Net) -> None:
    net.serve("/1.png", kind="image/PNG; charset=binary")
    assert net.fetch("https://cdn.example/1.png").content_type == "image/png"
    (request,) = net.asked
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "cdn.example"
    assert request.extensions["sni_hostname"] == "cdn.example"


def test_an_address_of_six_parts_works_too(net: Net) -> None:
    net.serve("/1.png")
    assert net.fetch("http://six.example/1.png").content == PNG


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/1.png",
        "http://both.example/1.png",
        "http://metadata.example/latest/meta-data",
        "http://mapped.example/1.png",
        "http://shared.example/1.png",
        "http://localhost:8100/pictures/1.png",
        "http://127.0.0.1:5432/1.png",
        "https://127.0.0.1:8100/1.png",
        "http://[::1]/1.png",
        "ftp://cdn.example/1.png",
        "file:///etc/passwd",
        "http://user:password@cdn.example/1.png",
        "http://",
        "nonsense",
    ],
)
def test_nothing_leads_into_our_own_network(net: Net, url: str) -> None:
    with pytest.raises(PictureRefused):
        net.fetch(url)
    assert net.asked == []


def test_a_redirect_is_judged_like_an_address(net: Net) -> None:
    net.send_on("/1.png", "http://inside.example/secret")
    with pytest.raises(PictureRefused):
        net.fetch("http://cdn.example/1.png")
    net.send_on("/2.png", "/3.png")
    net.serve("/3.png")
    assert net.fetch("http://cdn.example/2.png").content == PNG
    net.send_on("/4.png", "/4.png")
    with pytest.raises(PictureRefused, match="on and on"):
        net.fetch("http://cdn.example/4.png")


@pytest.mark.parametrize("kind", ["text/html", "", "image/x-icon", "application/octet-stream"])
def test_only_pictures_are_taken(net: Net, kind: str) -> None:
    net.serve("/1.png", kind=kind)
    with pytest.raises(PictureRefused, match="no picture"):
        net.fetch("http://cdn.example/1.png")


def test_a_picture_that_is_too_large_is_not_read_to_its_end(net: Net) -> None:
    net.serve("/big.png", content=b"x" * (pictures.MOST_BYTES + 1))
    with pytest.raises(PictureRefused, match="5 MB"):
        net.fetch("http://cdn.example/big.png")


def test_what_may_pass_is_told_apart(net: Net) -> None:
    net.serve("/busy.png", status=503)
    with pytest.raises(Unavailable):
        net.fetch("http://cdn.example/busy.png")
    with pytest.raises(PictureRefused):
        net.fetch("http://cdn.example/missing.png")
    with pytest.raises(Unavailable):
        net.fetch("http://unknown.example/1.png")
