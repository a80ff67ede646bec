"""The client of the S3 service that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

from app.config import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pydantic import SecretStr

CONNECT_SECONDS: Final = 2
READ_SECONDS: Final = 20
ATTEMPTS: Final = 3
CONNECTIONS: Final = 20


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def s3_client(*, endpoint: str | None = None, attempts: int = ATTEMPTS) -> S3Client:
    """Return a client with the settings' keys, for their endpoint unless another is given."""
    given = settings()
    return boto3.client(
        "s3",
        endpoint_url=endpoint or str(given.object_storage_endpoint),
        region_name=given.object_storage_region,
        aws_access_key_id=_text(given.object_storage_access_key),
        aws_secret_access_key=_text(given.object_storage_secret_key),
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"max_attempts": attempts, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
            s3={"addressing_style": "path"},
            signature_version="s3v4",
        ),
    )
