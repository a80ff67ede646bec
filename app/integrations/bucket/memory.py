"""A bucket that keeps everything in memory, for tests that are not about the bucket."""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING, Self

from app.errors import Conflict, NotFound
from app.integrations.ports import AboutObject, StoredObject
from app.integrations.uploads import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


class MemoryBucket:
    """A bucket that ends with the process."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[str, StoredObject] = {}

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        """Keep `content` under `key` and return the etag."""
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self._kept[key] = StoredObject(bytes(content), content_type, etag)
        return etag

    def get(self, key: str) -> StoredObject:
        """Return what is kept under `key`. Raises NotFound where there is nothing."""
        try:
            return self._kept[key]
        except KeyError:
            raise NotFound(f"The bucket keeps nothing under {key}.") from None

    def put_file(self, key: str, file: IO[bytes], *, content_type: str) -> None:
        """Keep what `file` holds under `key`."""
        self.put(key, file.read(), content_type=content_type)

    def chunks(self, key: str, *, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield what is kept under `key`."""
        return iter((self.get(key).content[first : None if last is None else last + 1],))

    def about(self, key: str) -> AboutObject:
        """Return what is known of what is kept under `key`."""
        found = self.get(key)
        return AboutObject(len(found.content), found.content_type)

    def upload(self, key: str, *, content_type: str) -> MemoryUpload:
        """Return an upload to a key that is free. Raises Conflict where it is not."""
        if key in self._kept:
            raise Conflict(f"The bucket already keeps something under {key}.")
        return MemoryUpload(self, key, content_type)

    def kept(self, prefix: str) -> Iterator[Kept]:
        """Yield what is kept under keys that begin with `prefix`."""
        for key, stored in sorted(self._kept.items()):
            if key.startswith(prefix):
                yield Kept(key, len(stored.content))

    def discard(self, found: Kept) -> None:
        """Delete what `kept` has found."""
        self.delete(found.key)

    def link(self, key: str, *, seconds: int, file_name: str) -> str:
        """Return an address that nobody answers at."""
        return f"memory:{key}?seconds={seconds}&name={file_name}"

    def exists(self, key: str) -> bool:
        """Return whether something is kept under `key`."""
        return key in self._kept

    def put_new(self, key: str, content: bytes, *, content_type: str) -> bool:
        """Keep `content` under `key` unless something is kept there; tell whether it is kept."""
        if key in self._kept:
            return False
        self.put(key, content, content_type=content_type)
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key that begins with `prefix`, in the order of their bytes."""
        yield from sorted(key for key in self._kept if key.startswith(prefix))

    def delete(self, key: str) -> None:
        """Forget what is kept under `key`."""
        self._kept.pop(key, None)

    def check(self) -> None:
        """Memory is always there."""


class MemoryUpload:
    """An upload that is there when it is complete."""

    def __init__(self, bucket: MemoryBucket, key: str, content_type: str) -> None:
        """Upload to `key`."""
        self._bucket = bucket
        self._key = key
        self._content_type = content_type
        self._content = bytearray()

    @property
    def bytes(self) -> int:
        """How many were written."""
        return len(self._content)

    @property
    def sha256(self) -> str:
        """The hash of what was written."""
        return hashlib.sha256(self._content).hexdigest()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what was written, or nothing."""
        if kind is None:
            content = bytes(self._content)
            if not self._bucket.put_new(self._key, content, content_type=self._content_type):
                raise Conflict(f"The bucket already keeps something under {self._key}.")

    def write(self, content: bytes) -> int:
        """Take the next bytes."""
        self._content += content
        return len(content)
