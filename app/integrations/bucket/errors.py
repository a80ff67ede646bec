"""What S3 and its client complain of, in the words of the trade."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from app.errors import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
# An upload that is gone when it is completed again was completed the first time.
TAKEN: Final = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})
GONE: Final = frozenset({"NoSuchUpload"})
UNKNOWN: Final = frozenset({"501", "NotImplemented"})


def code_of(problem: ClientError) -> str:
    """Return S3's word for what went wrong, "" where it gave none."""
    return problem.response.get("Error", {}).get("Code", "")


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Turn boto's errors into the trade's; the sentence holds no address and no secret."""
    try:
        yield
    except ClientError as problem:
        code = code_of(problem)
        if code in MISSING:
            raise NotFound(f"The bucket keeps nothing under {key}.") from None
        if code in TAKEN:
            raise Conflict(f"The bucket already keeps something under {key}.") from None
        raise Unavailable(f"The bucket refused: {code or 'no reason given'}.") from problem
    except (Boto3Error, BotoCoreError, HTTPClientError) as problem:
        raise Unavailable(f"The bucket does not answer ({type(problem).__name__}).") from problem


@contextmanager
def is_taken(holds_ours: Callable[[], bool]) -> Iterator[None]:
    """Let pass that a key is taken where `holds_ours`: what put it there was this, a try before."""
    try:
        yield
    except ClientError as problem:
        if code_of(problem) not in TAKEN | GONE or not _found(holds_ours):
            raise


def _found(holds_ours: Callable[[], bool]) -> bool:
    try:
        return holds_ours()
    except ClientError:
        return False


def not_conditional(problem: Exception) -> bool:
    """Tell whether the service does not know conditions on writing."""
    return isinstance(problem, ClientError) and code_of(problem) in UNKNOWN
