"""A bucket that keeps everything in memory, for tests that are not about the bucket."""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING

from app.errors import NotFound
from app.integrations.ports import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator


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

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield what is kept under `key`."""
        return iter((self.get(key).content,))

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
