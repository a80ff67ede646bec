"""Files of the bucket that come through the program."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.api.downloads import span_of
from app.api.rest import create_rest
from app.services import downloads
from app.services.downloads import download_address

if TYPE_CHECKING:
    from app.integrations.bucket import S3Bucket

pytestmark = pytest.mark.usefixtures("database", "redis")

CONTENT = bytes(range(250)) * 12_000


@pytest.fixture
def address(bucket: S3Bucket) -> str:
    key = f"tests/{uuid4()}"
    bucket.put(key, CONTENT, content_type="text/csv")
    return download_address(bucket, key, file_name="products.csv")


@pytest.fixture
def web() -> TestClient:
    return TestClient(create_rest())


def test_whoever_has_the_address_gets_the_file(web: TestClient, address: str) -> None:
    answer = web.get(address)
    assert answer.content == CONTENT
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["content-disposition"] == 'attachment; filename="products.csv"'
    assert (answer.headers["cache-control"], answer.headers["accept-ranges"]) == (
        "no-store",
        "bytes",
    )


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", CONTENT[:1]),
        ("bytes=2999000-", CONTENT[2_999_000:]),
        ("bytes=-7", CONTENT[-7:]),
        ("bytes=10-99999999", CONTENT[10:]),
    ],
)
def test_what_broke_off_goes_on_where_it_was(
    web: TestClient, address: str, asked: str, part: bytes
) -> None:
    mark = web.get(address, headers={"Range": "bytes=0-0"}).headers["etag"]
    answer = web.get(address, headers={"Range": asked, "If-Range": mark})
    assert (answer.status_code, answer.content) == (206, part)
    first = len(CONTENT) - len(part) if part != CONTENT[:1] else 0
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{3_000_000}"
    # Of another file one wants all.
    answer = web.get(address, headers={"Range": asked, "If-Range": '"another"'})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


def test_what_is_not_in_it_cannot_be_had(web: TestClient, address: str) -> None:
    answer = web.get(address, headers={"Range": "bytes=3000000-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */3000000")


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=-0", (1, 0)),
        ("bytes=-500", (0, 9)),
        ("bytes=9-9", (9, 9)),
    ],
)
def test_a_range_is_read_as_it_is_meant(header: str, span: tuple[int, int] | None) -> None:
    assert span_of(header, 10) == span


def test_an_address_that_does_not_hold_says_why(
    web: TestClient, address: str, bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = web.get(f"{address[:-4]}AAAA", headers={"Accept": "text/html"})
    assert (forged.status_code, "no address of a download" in forged.text) == (403, True)
    gone = web.get(download_address(bucket, "tests/never", file_name="x"))
    assert gone.status_code == 404
    monkeypatch.setattr(downloads, "DOWNLOAD_LASTS", timedelta(seconds=-1))
    old = web.get(address)
    assert (old.status_code, "minutes, which are over" in old.text) == (403, True)
