"""What the program asks of outside systems; each has a real client and a twin without one.

Both sides of a port pass the same contract tests (`tests/integration/…/test_…_contract.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

from app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from app.integrations.uploads import Kept, Upload


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a bucket keeps under one key; `etag` changes whenever `content` does."""

    content: bytes
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class AboutObject:
    """How long what a bucket keeps under one key is, and what it is."""

    bytes: int
    content_type: str


class Bucket(Protocol):
    """Keeps bytes under keys such as `pictures/ab/cdef.jpg`.

    Every method raises Unavailable when the service does not answer as it should.
    """

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        """Keep `content` (up to some 100 MB) under `key`, replacing what was there.

        Returns the etag.
        """
        ...

    def get(self, key: str) -> StoredObject:
        """Return what is kept under `key`. Raises NotFound where there is nothing."""
        ...

    def put_file(self, key: str, file: IO[bytes], *, content_type: str) -> None:
        """Keep what `file` holds from where it stands, of any length, under `key`."""
        ...

    def chunks(self, key: str, *, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield what is kept under `key` piece by piece. Raises NotFound before the first one.

        From the byte `first` to the byte `last`, both included, None for the end. They have to be
        there.
        """
        ...

    def about(self, key: str) -> AboutObject:
        """Return what is known of what is kept under `key`. Raises NotFound."""
        ...

    def upload(self, key: str, *, content_type: str) -> Upload:
        """Return an upload to a key that is free, encrypted at rest. Raises Conflict if it is not.

        However long it is, it takes some dozens of megabytes of memory.
        """
        ...

    def kept(self, prefix: str) -> Iterator[Kept]:
        """Yield what is kept under keys that begin with `prefix`, and unfinished uploads to such.

        `prefix` ends with a slash.
        """
        ...

    def discard(self, found: Kept) -> None:
        """Delete what `kept` has found, an unfinished upload included."""
        ...

    def link(self, key: str, *, seconds: int, file_name: str) -> str:
        """Return an address that gives what is kept under `key` to anybody for so many seconds."""
        ...

    def exists(self, key: str) -> bool:
        """Return whether something is kept under `key`."""
        ...

    def put_new(self, key: str, content: bytes, *, content_type: str) -> bool:
        """Keep `content` under `key` unless something is kept there; tell whether it is kept."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key that begins with `prefix`, in the order of their bytes."""
        ...

    def delete(self, key: str) -> None:
        """Forget what is kept under `key`; nothing happens where there is nothing."""
        ...

    def check(self) -> None:
        """Raise Unavailable with the reason unless the bucket exists and may be used."""
        ...


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """A sign-in under way: where the browser goes, and what only this browser may bring back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody the provider vouches for, every field checked; (issuer, subject) never changes."""

    issuer: str
    subject: str
    email: str
    name: str
    groups: tuple[str, ...]
    locale: str
    id_token: str
    # What the provider calls the sign-in, "" where it gives it no name.
    provider_session: str = ""


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A sign-in that the provider has ended: one by its name there, or all of a subject's.

    Either `subject` or `provider_session` may be "". Sessions opened after `opened_before` stay.
    """

    issuer: str
    subject: str
    provider_session: str
    opened_before: datetime


class IdentityProvider(Protocol):
    """Vouches for people (OpenID Connect, authorization code with PKCE).

    Every method raises Unavailable when the provider does not answer as it should.
    """

    async def begin(self, *, return_to: str) -> SignInAttempt:
        """Start a sign-in that comes back to `return_to`, an absolute address."""
        ...

    async def complete(
        self, *, code: str, answered_by: str, attempt: SignInAttempt, return_to: str
    ) -> Identity:
        """Exchange `code` for who it is. Raises NotAllowed with what is wrong and what to do.

        `answered_by` is the issuer that the answer names as its own, "" where it names none.
        """
        ...

    async def sign_out_address(self, *, id_token: str, return_to: str) -> str | None:
        """Return where the browser signs out of the provider too, None where it cannot."""
        ...

    async def ended_session(self, *, logout_token: str) -> EndedSession:
        """Return what a logout token ends. Raises BadInput for a token that cannot be trusted."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail, fully written. `key` is the same for every try of the same mail, and only there.

    `sender` and `reply_to` are `name <address>` or an address alone, `reply_to` may be empty;
    `recipient` is an address.
    """

    key: str
    sender: str
    recipient: str
    reply_to: str
    subject: str
    text: str
    html: str


class MailRefused(AppError):
    """The mail service will not take this mail, today or tomorrow; nothing went out."""

    status = 502


class MailUnsure(AppError):
    """The mail service was asked and gave no answer: the mail may have gone out, or not."""

    status = 502


class MailService(Protocol):
    """Takes mails and carries them to people."""

    @property
    def deduplicates(self) -> bool:
        """Whether a mail whose key it has seen is not sent a second time."""
        ...

    def send(self, mail: OutgoingMail) -> str:
        """Hand over one mail; return the service's own id of it, empty where it has none.

        Raises Unavailable when it certainly was not taken and a later try may succeed, MailRefused
        when it never will be, MailUnsure when nobody can tell.
        """
        ...

    def check(self) -> None:
        """Raise Unavailable, or Misconfigured, unless mails could be handed over now."""
        ...


@dataclass(frozen=True, slots=True)
class GeocodedPlace:
    """A place found by words: its full name, and where it is in degrees."""

    name: str
    latitude: float
    longitude: float


class Geocoder(Protocol):
    """Finds places by words such as an address."""

    def find(self, words: str, *, language: str = "en") -> tuple[GeocodedPlace, ...]:
        """Return the places that `words` may mean, the likeliest first, none for nothing known.

        Raises Unavailable when it does not answer or has been asked too often, Misconfigured when
        it does not accept the key.
        """
        ...
