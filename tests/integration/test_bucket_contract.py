"""What every bucket must do, the real one and its twin in memory alike."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.errors import NotFound, Unavailable
from app.integrations.bucket import MemoryBucket, S3Bucket
from app.integrations.bucket.client import s3_client

if TYPE_CHECKING:
    from app.integrations.ports import Bucket


@pytest.fixture(params=["s3", "memory"])
def a_bucket(request: pytest.FixtureRequest) -> Bucket:
    return request.getfixturevalue("bucket") if request.param == "s3" else MemoryBucket()


@pytest.fixture
def key() -> str:
    return f"tests/{uuid4()} with a space/ü.bin"


def test_gives_back_what_was_put(a_bucket: Bucket, key: str) -> None:
    content = bytes(range(256)) * 1000
    etag = a_bucket.put(key, content, content_type="image/png")
    stored = a_bucket.get(key)
    assert (stored.content, stored.content_type, stored.etag) == (content, "image/png", etag)


def test_takes_and_gives_piece_by_piece_what_is_long(a_bucket: Bucket, key: str) -> None:
    # Longer than what S3 takes in one part.
    content = bytes(range(256)) * 4096 * 9
    with SpooledTemporaryFile(max_size=1) as file:
        file.write(content)
        file.seek(0)
        a_bucket.put_file(key, file, content_type="text/csv")
    assert b"".join(a_bucket.chunks(key)) == content
    assert a_bucket.get(key).content_type == "text/csv"


def test_gives_a_part_of_what_is_long(a_bucket: Bucket, key: str) -> None:
    content = bytes(range(256)) * 4096
    a_bucket.put(key, content, content_type="text/csv")
    about = a_bucket.about(key)
    assert (about.bytes, about.content_type) == (len(content), "text/csv")
    for first, last in ((0, 0), (7, 99), (len(content) - 3, len(content) - 1), (1_000, None)):
        end = None if last is None else last + 1
        assert b"".join(a_bucket.chunks(key, first=first, last=last)) == content[first:end]


def test_keeps_nothing_at_all_too(a_bucket: Bucket, key: str) -> None:
    a_bucket.put(key, b"", content_type="text/plain")
    assert a_bucket.get(key).content == b""


def test_replaces_what_was_there(a_bucket: Bucket, key: str) -> None:
    first = a_bucket.put(key, b"one", content_type="text/plain")
    second = a_bucket.put(key, b"two", content_type="text/html")
    assert a_bucket.get(key).content == b"two"
    assert a_bucket.get(key).content_type == "text/html"
    assert first != second


def test_keeps_what_is_new_and_leaves_what_is_not(a_bucket: Bucket, key: str) -> None:
    assert a_bucket.put_new(key, b"one", content_type="text/plain")
    assert not a_bucket.put_new(key, b"two", content_type="text/html")
    assert a_bucket.get(key).content == b"one"


def test_lists_what_it_keeps_in_order(a_bucket: Bucket) -> None:
    folder = f"tests/{uuid4()}/"
    for name in ("b", "ü b/c", "a", "a/z"):
        a_bucket.put(folder + name, b"x", content_type="text/plain")
    a_bucket.put(folder.rstrip("/") + "-other", b"x", content_type="text/plain")
    assert list(a_bucket.keys(folder)) == [folder + name for name in ("a", "a/z", "b", "ü b/c")]
    assert list(a_bucket.keys(folder + "nothing/")) == []


def test_knows_what_it_keeps(a_bucket: Bucket, key: str) -> None:
    assert not a_bucket.exists(key)
    a_bucket.put(key, b"x", content_type="text/plain")
    assert a_bucket.exists(key)
    a_bucket.delete(key)
    assert not a_bucket.exists(key)


def test_says_that_there_is_nothing(a_bucket: Bucket, key: str) -> None:
    with pytest.raises(NotFound, match="keeps nothing"):
        a_bucket.get(key)
    with pytest.raises(NotFound, match="keeps nothing"):
        a_bucket.chunks(key)
    with pytest.raises(NotFound, match="keeps nothing"):
        a_bucket.about(key)
    a_bucket.delete(key)


def test_can_be_asked_whether_it_is_there(a_bucket: Bucket) -> None:
    a_bucket.check()


def test_a_missing_s3_bucket_is_named(bucket: S3Bucket) -> None:
    assert bucket
    with pytest.raises(Unavailable, match="no bucket 'never-made'"):
        S3Bucket(s3_client(), "never-made").check()


def test_a_silent_s3_service_is_unavailable(key: str) -> None:
    nobody = s3_client(endpoint="http://127.0.0.1:9", attempts=1)
    with pytest.raises(Unavailable, match="does not answer"):
        S3Bucket(nobody, "any-name").get(key)
