"""Pictures over HTTP: fetched from the supplier once, kept, and safe to show."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.api.media import PLACEHOLDER, SVG_POLICY
from app.api.rest import create_rest
from app.config import settings
from app.integrations import pictures as integration
from app.services.catalogue import pictures
from app.work import open_work
from tests.factories.catalogue import a_feed, a_product

if TYPE_CHECKING:
    from collections.abc import Iterator

PHOTOGRAPH = Image.effect_noise((1000, 500), 60)
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def a_jpeg() -> bytes:
    """Return the photograph as its supplier has it."""
    written = io.BytesIO()
    PHOTOGRAPH.save(written, "JPEG", comment=b"in the warehouse")
    return written.getvalue()


def width_of(content: bytes) -> int:
    """Return how wide a picture is that was sent as WebP."""
    return Image.open(io.BytesIO(content), formats=["WEBP"]).width


class Supplier:
    """A supplier's web server with one drawing and one photograph."""

    def __init__(self) -> None:
        """Start it on a free port."""
        supplier = self
        self.asked: list[str] = []
        # Kept pictures outlive a test: each supplier has addresses of its own.
        self.folder = uuid4().hex

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                supplier.asked.append(self.path)
                kinds = {
                    "svg": ("image/svg+xml", DRAWING),
                    "jpg": ("image/jpeg", a_jpeg()),
                    "cut": ("image/jpeg", a_jpeg()[:1000]),
                }
                kind, content = kinds.get(self.path.rpartition(".")[2], ("text/html", b"<b>"))
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name there
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        """Return the address of something it may be asked for."""
        return f"http://127.0.0.1:{self._server.server_port}/{self.folder}/{name}"

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def supplier() -> Iterator[Supplier]:
    running = Supplier()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a supplier on a busy machine, and leave one that failed alone to the end."""
    monkeypatch.setattr(integration, "TIMEOUT", httpx.Timeout(120.0))
    monkeypatch.setattr(integration, "TOTAL_SECONDS", 240.0)
    monkeypatch.setattr(pictures, "REST_SECONDS", 3600.0)


@pytest.fixture
def rest(database: None, bucket: object) -> Iterator[TestClient]:  # noqa: ARG001 - what it stands on
    with TestClient(create_rest(), base_url=settings().public_url) as client:
        yield client


def product_with(*pictures: str, feed_url: str) -> int:
    with open_work() as work:
        feed = a_feed(work.session)
        feed.url = feed_url
        product = a_product(work.session, feed, "Lamp", pictures=list(pictures))
        assert product.id is not None
        return product.id


def test_a_picture_is_fetched_once_and_then_kept(rest: TestClient, supplier: Supplier) -> None:
    number = product_with(
        supplier.url("a.svg"), supplier.url("b.jpg"), feed_url=supplier.url("feed")
    )
    for width, sent in ((400, 400), (160, 160), (800, 800), (400, 400)):
        photograph = rest.get(f"/media/product/{number}/1?w={width}")
        assert photograph.headers["content-type"] == "image/webp"
        assert width_of(photograph.content) == sent
        assert b"in the warehouse" not in photograph.content
    assert width_of(rest.get(f"/media/product/{number}/1").content) == 800
    assert len(supplier.asked) == 1


def test_only_the_widths_of_our_pages_are_made(rest: TestClient, supplier: Supplier) -> None:
    number = product_with(supplier.url("b.jpg"), feed_url=supplier.url("feed"))
    for width in ("401", "0", "-400", "x", "99999999"):
        assert rest.get(f"/media/product/{number}/0?w={width}").status_code == 422
    assert supplier.asked == []


def test_a_file_that_is_no_picture_is_not_shown_and_not_kept(
    rest: TestClient, supplier: Supplier
) -> None:
    number = product_with(supplier.url("half.cut"), feed_url=supplier.url("feed"))
    for _ in range(2):
        answer = rest.get(f"/media/product/{number}/0?w=400")
        assert answer.content == PLACEHOLDER
        assert answer.headers["cache-control"] == "public, max-age=60"
    assert len(supplier.asked) == 1


def test_a_drawing_cannot_act_in_our_name(rest: TestClient, supplier: Supplier) -> None:
    number = product_with(supplier.url("a.svg"), feed_url=supplier.url("feed"))
    for width in (160, 400, 800):
        drawing = rest.get(f"/media/product/{number}/0?w={width}")
        assert drawing.content == DRAWING
    assert len(supplier.asked) == 1
    assert drawing.headers["content-security-policy"] == SVG_POLICY
    assert "sandbox" in SVG_POLICY
    assert drawing.headers["x-content-type-options"] == "nosniff"


def test_the_browser_keeps_a_picture_for_good_under_its_mark(
    rest: TestClient, supplier: Supplier
) -> None:
    number = product_with(supplier.url("a.svg"), feed_url=supplier.url("feed"))
    first = rest.get(f"/media/product/{number}/0?v=old")
    assert first.headers["cache-control"] == "public, max-age=300"
    tag = first.headers["etag"]
    mark = tag.strip('"').partition("-")[0]
    marked = rest.get(f"/media/product/{number}/0?v={mark}")
    assert marked.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = rest.get(f"/media/product/{number}/0", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    # In another width it is another picture.
    other = rest.get(f"/media/product/{number}/0?w=160", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_where_there_is_no_picture_a_drawn_one_stands_in(
    rest: TestClient, supplier: Supplier
) -> None:
    number = product_with(supplier.url("page.html"), feed_url=supplier.url("feed"))
    for address in (f"{number}/0", f"{number}/7", "4711/0"):
        answer = rest.get(f"/media/product/{address}")
        assert answer.content == PLACEHOLDER
        assert answer.headers["cache-control"] == "public, max-age=60"
    # What failed is not asked again at once.
    rest.get(f"/media/product/{number}/0")
    assert len(supplier.asked) == 1


@pytest.mark.parametrize("address", ["x/0", "0/0", "1/-1", "1/1000", f"{2**63}/0", "1/0x"])
def test_an_address_that_cannot_be_one_is_refused(rest: TestClient, address: str) -> None:
    assert rest.get(f"/media/product/{address}").status_code == 422


def test_another_host_inside_our_network_is_not_asked(rest: TestClient, supplier: Supplier) -> None:
    number = product_with(supplier.url("a.svg"), feed_url="http://127.0.0.1:1/feed")
    assert rest.get(f"/media/product/{number}/0").content == PLACEHOLDER
    assert supplier.asked == []


def test_pictures_are_as_private_as_the_catalogue(
    rest: TestClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = product_with(supplier.url("a.svg"), feed_url=supplier.url("feed"))
    try:
        with monkeypatch.context() as patch:
            patch.setenv("PUBLIC_CATALOGUE", "false")
            settings.cache_clear()
            assert rest.get(f"/media/product/{number}/0").status_code == 401
    finally:
        settings.cache_clear()
    assert supplier.asked == []
