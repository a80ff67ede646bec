"""A bucket on any S3 service, through boto3.

Objects are encrypted by the service (SSE-S3) where it can; keys are never made from user input.
"""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from app.config import settings
from app.errors import Conflict, Misconfigured, NotFound, Unavailable
from app.integrations.bucket.client import s3_client
from app.integrations.bucket.errors import not_conditional, translated
from app.integrations.bucket.upload import ENCRYPTION, MultipartUpload, unfinished
from app.integrations.ports import AboutObject, StoredObject
from app.integrations.uploads import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

# The embedded service now and then takes this long for its first write.
FIRST_WRITE_SECONDS: Final = 60.0
# How much is read at once of what is streamed.
CHUNK_BYTES: Final = 2**20


class S3Bucket:
    """One bucket of an S3 service."""

    def __init__(self, client: S3Client, name: str, *, linking: S3Client | None = None) -> None:
        """Use `client`, which is safe to share between threads, for the bucket `name`.

        `linking` signs links, where others reach the service at another address.
        """
        self._client = client
        self._linking = linking or client
        self._name = name

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        """Keep `content` under `key` and return the etag."""
        with translated(key):
            answer = self._client.put_object(
                Bucket=self._name, Key=key, Body=content, ContentType=content_type
            )
        return answer["ETag"].strip('"')

    def get(self, key: str) -> StoredObject:
        """Return what is kept under `key`. Raises NotFound where there is nothing."""
        with translated(key):
            answer = self._client.get_object(Bucket=self._name, Key=key)
            content = answer["Body"].read()
        return StoredObject(content, answer["ContentType"], answer["ETag"].strip('"'))

    def put_file(self, key: str, file: IO[bytes], *, content_type: str) -> None:
        """Keep what `file` holds under `key`, sent in parts where it is long."""
        with translated(key):
            self._client.upload_fileobj(
                file, self._name, key, ExtraArgs={"ContentType": content_type}
            )

    def chunks(self, key: str, *, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield what is kept under `key` piece by piece."""
        is_whole = not first and last is None
        span: Any = {} if is_whole else {"Range": f"bytes={first}-{'' if last is None else last}"}
        with translated(key):
            body = self._client.get_object(Bucket=self._name, Key=key, **span)["Body"]

        def read() -> Iterator[bytes]:
            # Its connection is given back also where nobody reads it to the end.
            with closing(body), translated(key):
                yield from body.iter_chunks(CHUNK_BYTES)

        return read()

    def put_new(self, key: str, content: bytes, *, content_type: str) -> bool:
        """Keep `content` under `key` unless something is kept there; tell whether it is kept."""

        def put(**condition: Any) -> None:  # noqa: ANN401 - boto's own words
            self._client.put_object(
                Bucket=self._name,
                Key=key,
                Body=content,
                ContentType=content_type,
                **ENCRYPTION,
                **condition,
            )

        try:
            with translated(key):
                try:
                    put(IfNoneMatch="*")
                except ClientError as problem:
                    if not not_conditional(problem):
                        raise
                    self._refuse_taken(key)
                    put()
        except Conflict:
            return False
        return True

    def upload(self, key: str, *, content_type: str) -> MultipartUpload:
        """Return an upload to a key that is free, encrypted. Raises Conflict where it is not."""
        self._refuse_taken(key)
        return MultipartUpload(self._client, self._name, key, content_type)

    def _refuse_taken(self, key: str) -> None:
        if self.exists(key):
            raise Conflict(f"The bucket already keeps something under {key}.")

    def kept(self, prefix: str) -> Iterator[Kept]:
        """Yield what is kept under keys that begin with `prefix`, and unfinished uploads."""
        with translated(prefix):
            # Uploads first: one that is completed meanwhile is found as a key.
            for key, _ in unfinished(self._client, self._name, prefix):
                yield Kept(key, None)
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix
            ):
                for found in page.get("Contents", []):
                    yield Kept(found.get("Key", ""), found.get("Size", 0))

    def discard(self, found: Kept) -> None:
        """Delete what `kept` has found, an unfinished upload included."""
        if found.bytes is not None:
            self.delete(found.key)
            return
        with translated(found.key):
            for key, upload_id in unfinished(self._client, self._name, found.key):
                if key == found.key:
                    self._client.abort_multipart_upload(
                        Bucket=self._name, Key=key, UploadId=upload_id
                    )

    def link(self, key: str, *, seconds: int, file_name: str) -> str:
        """Return an address that gives what is kept under `key` for so many seconds."""
        asked = {
            "Bucket": self._name,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        return self._linking.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)

    def about(self, key: str) -> AboutObject:
        """Return what is known of what is kept under `key`."""
        with translated(key):
            found = self._client.head_object(Bucket=self._name, Key=key)
        return AboutObject(found["ContentLength"], found["ContentType"])

    def exists(self, key: str) -> bool:
        """Return whether something is kept under `key`."""
        try:
            self.about(key)
        except NotFound:
            return False
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key that begins with `prefix`, in the order of their bytes."""
        with translated(self._name):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._name, Prefix=prefix):
                yield from (found["Key"] for found in page.get("Contents", []) if "Key" in found)

    def delete(self, key: str) -> None:
        """Forget what is kept under `key`."""
        with translated(key):
            self._client.delete_object(Bucket=self._name, Key=key)

    def check(self) -> None:
        """Raise Unavailable with the reason unless the bucket exists and may be used."""
        try:
            with translated(self._name):
                self._client.head_bucket(Bucket=self._name)
        except NotFound:
            raise Unavailable(f"There is no bucket {self._name!r}: create it.") from None

    def make(self) -> None:
        """Create the bucket where it is missing."""
        try:
            self.check()
        except Unavailable:
            with translated(self._name):
                self._client.create_bucket(Bucket=self._name)


@lru_cache(maxsize=1)
def configured_bucket() -> S3Bucket:
    """Return the bucket of the settings. Raises Misconfigured where none is running."""
    given = settings()
    if given.object_storage_endpoint is None:
        raise Misconfigured(
            "No bucket is running: start the program with `make up`, or set "
            "OBJECT_STORAGE_ENDPOINT."
        )
    public = given.object_storage_public_url
    linking = s3_client(endpoint=str(public)) if public else None
    return S3Bucket(s3_client(), given.object_storage_bucket, linking=linking)


def wait_until_ready() -> None:
    """Return when the bucket of the settings gives back what was put into it.

    Raises Unavailable after a minute.
    """
    _put_and_get(configured_bucket())


@retry(
    retry=retry_if_exception_type((Unavailable, NotFound)),
    stop=stop_after_delay(FIRST_WRITE_SECONDS),
    wait=wait_fixed(0.2),
    reraise=True,
)
def _put_and_get(bucket: S3Bucket) -> None:
    bucket.make()
    key, content = f"checks/{uuid4()}", uuid4().bytes
    bucket.put(key, content, content_type="application/octet-stream")
    if bucket.get(key).content != content:
        raise Unavailable("The bucket gave back something else than was put into it.")
    bucket.delete(key)
