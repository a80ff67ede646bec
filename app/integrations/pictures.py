"""Fetching a product's picture from its supplier, without being led into our own network.

The address comes out of a feed, so a supplier chooses it. The feed's own host is as trusted as the
feed; any other host must have public addresses only, and it is the checked address that is
connected to, so that a name cannot point elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import Final

import httpx

from app.errors import AppError, Unavailable

MOST_BYTES: Final = 5 * 1024 * 1024
TOTAL_SECONDS: Final = 10.0
REDIRECTS: Final = 3
TIMEOUT: Final = httpx.Timeout(5.0, connect=3.0)
AGENT: Final = "AnythingYouWantt/1 (product pictures)"
SVG: Final = "image/svg+xml"
TYPES: Final = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", SVG, "image/webp"})
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class PictureRefused(AppError):
    """What stands at the address is no picture that may be shown."""

    status = 502


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture, one of `TYPES`."""

    content: bytes
    content_type: str


def fetch_picture(
    url: str, *, feed_url: str, transport: httpx.BaseTransport | None = None
) -> Picture:
    """Fetch the picture at `url`, which came from the feed at `feed_url`.

    Takes `TOTAL_SECONDS` and `MOST_BYTES` at most. Raises Unavailable where a later try may
    succeed, PictureRefused where it will not.
    """
    give_up = time.monotonic() + TOTAL_SECONDS
    trusted = _origin(httpx.URL(feed_url))
    try:
        with httpx.Client(
            timeout=TIMEOUT, transport=transport, trust_env=False, headers={"User-Agent": AGENT}
        ) as client:
            target = _parsed(url)
            for _ in range(REDIRECTS + 1):
                answer = _ask(client, target, trusted=trusted, give_up=give_up)
                if isinstance(answer, Picture):
                    return answer
                target = answer
    except httpx.HTTPError as problem:
        raise Unavailable("The supplier's picture could not be fetched.") from problem
    raise PictureRefused("The picture's address leads on and on.")


def _ask(
    client: httpx.Client, target: httpx.URL, *, trusted: tuple[str, str, int], give_up: float
) -> Picture | httpx.URL:
    """Return the picture, or the address that the answer sends us on to."""
    is_trusted = _origin(target) == trusted
    address = target if is_trusted else target.copy_with(host=_public_address(target))
    request = client.build_request(
        "GET",
        address,
        headers={"Host": target.netloc.decode(), "Accept": ", ".join(sorted(TYPES))},
        # The certificate is checked against the name, although the address is connected to.
        extensions={"sni_hostname": target.host},
    )
    answer = client.send(request, stream=True)
    try:
        if answer.is_redirect:
            return _parsed(str(target.join(answer.headers["location"])))
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable("The supplier's picture could not be fetched.")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status_code != httpx.codes.OK or kind not in TYPES:
            raise PictureRefused("There is no picture at the supplier's address.")
        return Picture(_read(answer, give_up), kind)
    finally:
        answer.close()


def _read(answer: httpx.Response, give_up: float) -> bytes:
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > MOST_BYTES:
            raise PictureRefused("The supplier's picture is larger than 5 MB.")
        if time.monotonic() > give_up:
            raise Unavailable("The supplier's picture takes too long.")
    return bytes(content)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise PictureRefused("The picture's address cannot be read.") from None
    if parsed.scheme not in DEFAULT_PORTS or not parsed.host or parsed.userinfo:
        raise PictureRefused("The picture's address is none of the web.")
    return parsed


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or DEFAULT_PORTS.get(url.scheme, 0)


def _public_address(url: httpx.URL) -> str:
    """Return an address of the host, all of which must be reachable for everybody."""
    try:
        found = socket.getaddrinfo(
            url.host, url.port or DEFAULT_PORTS[url.scheme], type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        raise Unavailable("The supplier's picture could not be fetched.") from None
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise PictureRefused("The picture's address leads into a private network.")
    return str(addresses[0])


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None and not inner.is_global:
        return False
    return address.is_global and not address.is_multicast
