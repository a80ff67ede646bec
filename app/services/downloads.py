"""Short-lived addresses of what the bucket keeps: its own, or ours where no browser reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from app.config import settings
from app.errors import NotAllowed

if TYPE_CHECKING:
    from app.integrations.ports import Bucket

DOWNLOAD_LASTS: Final = timedelta(minutes=5)
DOWNLOADS: Final = "/downloads"


@dataclass(frozen=True, slots=True)
class Offered:
    """What one of our addresses gives: what lies under `key`, as a file of that name."""

    key: str
    file_name: str


def download_address(bucket: Bucket, key: str, *, file_name: str) -> str:
    """Return an address that gives what is kept under `key` to whoever has it, for some minutes.

    Whoever asks has checked who may have it. With OBJECT_STORAGE_PUBLIC_URL the bucket signs it and
    hands the file out itself, else we do both.
    """
    if settings().object_storage_public_url is None:
        return f"{DOWNLOADS}/{_signer().dumps([key, file_name])}"
    return bucket.link(key, seconds=int(DOWNLOAD_LASTS.total_seconds()), file_name=file_name)


def offered(token: str) -> Offered:
    """Return what the end of one of our addresses gives. Raises NotAllowed with the reason."""
    try:
        key, file_name = _signer().loads(token, max_age=int(DOWNLOAD_LASTS.total_seconds()))
    except SignatureExpired:
        raise NotAllowed(
            "This download was offered for some minutes, which are over. Go back and ask again."
        ) from None
    except BadSignature:
        raise NotAllowed("This is no address of a download. Go back and ask again.") from None
    return Offered(key, file_name)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().session_secret.get_secret_value(), salt="download")
