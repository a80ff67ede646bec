"""Ways to a snapshot: the signed link in a mail, and the short-lived addresses of its files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from app.config import settings
from app.errors import AppError, NotAllowed
from app.integrations.bucket import configured_bucket
from app.models.accounts import Person
from app.models.columns import stored
from app.services.accounts.roles import permissions_of
from app.services.downloads import download_address
from app.services.snapshots.queries import READING, files_of, readable
from app.views.accounts import NOBODYS_ID, Viewer
from app.views.snapshots import Download

if TYPE_CHECKING:
    from app.integrations.ports import Bucket
    from app.models.snapshots import Snapshot
    from app.work import Work

LINK_LASTS: Final = timedelta(days=7)
LINKS: Final = "/links/snapshots"
PARAMETER: Final = "link"


class LinkRefused(NotAllowed):
    """A link leads nowhere; `title` is why, in a few words."""

    title: ClassVar[str] = ""


class LinkExpired(LinkRefused):
    """The link was right once."""

    title = "This link has expired"


class LinkForged(LinkRefused):
    """The link is not one of ours, or of another snapshot."""

    title = "This link is not valid"


class LinkRevoked(LinkRefused):
    """The link is right, but whom it was made for may not see the snapshot any more."""

    title = "This link no longer works"


def address_of(snapshot_id: UUID) -> str:
    """Return where on this site a snapshot is shown."""
    return f"/snapshots/{snapshot_id}"


def signed_link(*, snapshot_id: UUID, person_id: UUID) -> str:
    """Return a whole address that gives a person a snapshot without signing in, for a week.

    It leads to a page of ours, and from there to the bucket.
    """
    token = _signer().dumps([str(snapshot_id), str(person_id)])
    return f"{settings().public_url}{LINKS}/{snapshot_id}?{PARAMETER}={token}"


def follow_link(work: Work, *, snapshot_id: UUID, token: str) -> Viewer:
    """Return whom a link was made for, as one who may read and nothing else.

    Give it to the other functions as `viewer`. Raises LinkExpired, LinkForged, and LinkRevoked
    where the person is blocked, gone, or may not see this snapshot any more, or it is deleted.
    """
    person_id = _person_in(token, snapshot_id)
    person = work.session.get(Person, person_id)
    if person is None or person.blocked_at is not None:
        raise LinkRevoked("This link no longer works. Sign in to see your snapshots.")
    viewer = Viewer(
        person_id=person_id,
        session_id=NOBODYS_ID,
        name=person.name,
        email=person.email,
        roles=tuple(person.roles),
        # At most, whatever the person it was made for may do besides.
        permissions=permissions_of(tuple(person.roles)) & READING,
        locale=person.locale,
        rights_version=person.rights_version,
    )
    try:
        readable(work, viewer=viewer, snapshot_id=snapshot_id)
    except AppError as problem:
        raise LinkRevoked(
            "This link no longer works: the snapshot is gone, or not yours to see any more."
        ) from problem
    return viewer


def downloads_of(
    work: Work, *, viewer: Viewer, snapshot_id: UUID, bucket: Bucket | None = None
) -> tuple[Download, ...]:
    """Return addresses of a snapshot's files that work for some minutes.

    Raises NotFound for one that is not stored, is deleted, or that they may not see.
    """
    among = bucket or configured_bucket()
    snapshot = readable(work, viewer=viewer, snapshot_id=snapshot_id)
    return tuple(
        Download(
            part=file.name,
            name=(name := download_name(snapshot, file.name)),
            address=download_address(among, file.key, file_name=name),
            bytes=file.bytes,
        )
        for file in files_of(snapshot)
    )


def download_name(snapshot: Snapshot, name: str) -> str:
    """Return what a file of a snapshot is called where somebody has downloaded it."""
    return f"snapshot-{stored(snapshot.taken_at):%Y-%m-%d}-{str(snapshot.id)[-6:]}-{name}"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().session_secret.get_secret_value(), salt="snapshot")


def _person_in(token: str, snapshot_id: UUID) -> UUID:
    forged = "This link is not a valid one. Open the mail again and follow its link."
    try:
        said = _signer().loads(token, max_age=int(LINK_LASTS.total_seconds()))
    except SignatureExpired:
        raise LinkExpired("This link has expired. Sign in to see your snapshots.") from None
    except BadSignature:
        raise LinkForged(forged) from None
    if said[0] != str(snapshot_id):
        raise LinkForged(forged)
    return UUID(said[1])
