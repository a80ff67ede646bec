"""The bucket: the S3 client the settings ask for, one per process."""

from __future__ import annotations

from app.integrations.bucket.memory import MemoryBucket
from app.integrations.bucket.s3 import S3Bucket, configured_bucket, wait_until_ready

__all__ = ["MemoryBucket", "S3Bucket", "configured_bucket", "wait_until_ready"]
