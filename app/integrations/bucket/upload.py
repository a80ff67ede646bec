"""A multipart upload to S3: pieces go while the rest is still being made, and never too many."""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self

from app.integrations.bucket.errors import is_taken, not_conditional, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# The least that S3 takes; at most 10,000 of them: files up to 50 GB.
PIECE_BYTES: Final = 5 * 2**20
# Pieces that wait or travel, besides the one that is being filled.
AT_ONCE: Final = 2
ENCRYPTION: Final[Any] = {"ServerSideEncryption": "AES256"}

log = logging.getLogger(__name__)


class MultipartUpload:
    """One upload, as `ports.Upload` says. For one thread."""

    def __init__(self, client: S3Client, name: str, key: str, content_type: str) -> None:
        """Upload to `key` in the bucket `name`; nothing is asked before the block begins."""
        self._client = client
        self._name = name
        self._key = key
        self._content_type = content_type
        self._filling = bytearray()
        self._hash = hashlib.sha256()
        self._pieces: list[CompletedPartTypeDef] = []
        # What S3 will call the whole, made of the names of its pieces.
        self._piece_hashes = b""
        self._on_their_way: deque[Future[CompletedPartTypeDef]] = deque()
        self._sender = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload")
        self._id = ""
        self._started = 0
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """The hash of what was written."""
        return self._hash.hexdigest()

    def __enter__(self) -> Self:
        """Begin."""
        with translated(self._key):
            answer = self._client.create_multipart_upload(
                Bucket=self._name, Key=self._key, ContentType=self._content_type, **ENCRYPTION
            )
        self._id = answer["UploadId"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Complete what was written, or leave nothing behind."""
        try:
            if kind is not None:
                self._abort()
                return
            try:
                self._finish()
            except BaseException:
                self._abort()
                raise
        finally:
            self._sender.shutdown(cancel_futures=True)

    def write(self, content: bytes) -> int:
        """Take the next bytes."""
        self._hash.update(content)
        self._filling += content
        self.bytes += len(content)
        while len(self._filling) >= PIECE_BYTES:
            self._send(bytes(self._filling[:PIECE_BYTES]))
            del self._filling[:PIECE_BYTES]
        return len(content)

    def _send(self, piece: bytes) -> None:
        while len(self._on_their_way) >= AT_ONCE:
            self._collect()
        self._started += 1
        self._piece_hashes += hashlib.md5(piece, usedforsecurity=False).digest()
        self._on_their_way.append(self._sender.submit(self._put, self._started, piece))

    def _put(self, number: int, piece: bytes) -> CompletedPartTypeDef:
        with translated(self._key):
            answer = self._client.upload_part(
                Bucket=self._name, Key=self._key, UploadId=self._id, PartNumber=number, Body=piece
            )
        done: Any = {"PartNumber": number, "ETag": answer["ETag"]}
        if "ChecksumCRC32" in answer:
            done["ChecksumCRC32"] = answer["ChecksumCRC32"]
        return done

    def _collect(self) -> None:
        self._pieces.append(self._on_their_way.popleft().result())

    def _finish(self) -> None:
        if self._filling or not self._started:
            self._send(bytes(self._filling))
        while self._on_their_way:
            self._collect()
        with translated(self._key), is_taken(self._holds_ours):
            try:
                self._complete(IfNoneMatch="*")
            except Exception as problem:
                if not not_conditional(problem):
                    raise
                # Keys hold a random id and were free when the upload began: the next best thing.
                self._complete()

    def _complete(self, **condition: Any) -> None:  # noqa: ANN401 - boto's own words
        self._client.complete_multipart_upload(
            Bucket=self._name,
            Key=self._key,
            UploadId=self._id,
            MultipartUpload={"Parts": self._pieces},
            **condition,
        )

    def _holds_ours(self) -> bool:
        """Tell whether the key holds this very upload: its answer was lost and it was repeated."""
        found = self._client.head_object(Bucket=self._name, Key=self._key)
        whole = hashlib.md5(self._piece_hashes, usedforsecurity=False).hexdigest()
        named = found["ETag"].strip('"')
        return found["ContentLength"] == self.bytes and named == f"{whole}-{self._started}"

    def _abort(self) -> None:
        """Leave nothing behind; where that fails, the clean-up finds it."""
        for waiting in self._on_their_way:
            waiting.cancel()
        self._sender.shutdown(cancel_futures=True)
        try:
            self._client.abort_multipart_upload(Bucket=self._name, Key=self._key, UploadId=self._id)
        except Exception:
            log.warning("An upload could not be aborted; the clean-up will find it", exc_info=True)


def unfinished(client: S3Client, name: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield key and id of the uploads that were begun to keys with `prefix` and never completed."""
    pages = client.get_paginator("list_multipart_uploads")
    for page in pages.paginate(Bucket=name, Prefix=prefix):
        for found in page.get("Uploads", []):
            yield found.get("Key", ""), found.get("UploadId", "")
