"""The link in a mail opens the snapshot to whoever has it, for a week, and while it may be seen."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.config import settings
from app.errors import NotFound
from app.integrations.bucket import configured_bucket
from app.models.accounts import Permission
from app.services.snapshots import (
    LinkExpired,
    LinkForged,
    LinkRevoked,
    downloads_of,
    follow_link,
    links,
    parts_of,
    show_snapshot,
    signed_link,
)
from app.work import open_work, reading
from tests.integration.snapshots.conftest import INSTALLATION, somebody, taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("catalogue")


def link_for(viewer: Viewer, snapshot: SnapshotView) -> str:
    """Return the token of a link."""
    address = signed_link(snapshot_id=snapshot.id, person_id=viewer.person_id)
    assert address.startswith(f"{settings().public_url}/links/snapshots/{snapshot.id}?link=")
    return parse_qs(urlsplit(address).query)["link"][0]


def follow(token: str, snapshot_id: UUID) -> Viewer:
    """Follow a link."""
    return reading(follow_link, snapshot_id=snapshot_id, token=token)


def test_it_lets_read_and_nothing_else() -> None:
    ada = somebody()
    snapshot = taken(viewer=ada)
    viewer = follow(link_for(ada, snapshot), snapshot.id)
    assert viewer.permissions == {Permission.SNAPSHOT_READ}
    assert reading(show_snapshot, viewer=viewer, snapshot_id=snapshot.id).rows == 3
    assert len(reading(parts_of, viewer=viewer, snapshot_id=snapshot.id)) == 1


def test_it_opens_no_other_snapshot() -> None:
    ada = somebody()
    snapshot, other = taken(viewer=ada), taken("q=bottle", viewer=ada)
    with pytest.raises(LinkForged):
        follow(link_for(ada, snapshot), other.id)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "." * 5000, "W10.aaaaaa.bbbb"])
def test_what_we_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(LinkForged):
        follow(token, uuid4())


def test_a_changed_one_is_refused() -> None:
    ada = somebody()
    snapshot = taken(viewer=ada)
    token = link_for(ada, snapshot)
    # But for the last letter, of which some bits say nothing.
    for place in range(0, len(token) - 1, 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises((LinkForged, LinkExpired)):
            follow(changed, snapshot.id)


def test_one_of_another_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = somebody()
    snapshot = taken(viewer=ada)
    token = link_for(ada, snapshot)
    monkeypatch.setenv("SESSION_SECRET", "another secret of ours")
    settings.cache_clear()
    try:
        with pytest.raises(LinkForged):
            follow(token, snapshot.id)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = somebody()
    snapshot = taken(viewer=ada)
    token = link_for(ada, snapshot)
    monkeypatch.setattr(links, "LINK_LASTS", timedelta(seconds=-1))
    with pytest.raises(LinkExpired, match="has expired"):
        follow(token, snapshot.id)


REVOKING = {
    "the person is blocked": "UPDATE person SET blocked_at = now()",
    "the person has no role any more": "UPDATE person SET roles = '{}'",
    "the snapshot is deleted": "UPDATE snapshot SET deleted_at = now()",
    "they no longer wait for it": "DELETE FROM snapshot_asker",
}


@pytest.mark.parametrize("statement", REVOKING.values(), ids=REVOKING)
def test_it_ends_when_the_right_to_see_it_does(statement: str) -> None:
    ada = somebody()
    snapshot = taken(viewer=ada)
    token = link_for(ada, snapshot)
    with open_work() as work:
        work.session.execute(text(statement))
    with pytest.raises(LinkRevoked):
        follow(token, snapshot.id)


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Say that browsers reach the bucket."""
    monkeypatch.setenv("OBJECT_STORAGE_PUBLIC_URL", str(settings().object_storage_endpoint))
    settings.cache_clear()
    configured_bucket.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    configured_bucket.cache_clear()


@pytest.mark.usefixtures("reachable")
def test_the_bucket_gives_the_files_to_whoever_has_the_address_for_minutes() -> None:
    snapshot = taken()
    [download] = reading(downloads_of, viewer=INSTALLATION, snapshot_id=snapshot.id)
    answer = httpx.get(download.address, timeout=60)
    assert answer.status_code == 200
    assert len(answer.content) == download.bytes == snapshot.bytes
    assert download.name in answer.headers["content-disposition"]
    seconds = parse_qs(urlsplit(download.address).query)["X-Amz-Expires"]
    assert seconds == ["300"]
    forged = re.sub("X-Amz-Expires=300", "X-Amz-Expires=9999", download.address)
    assert httpx.get(forged, timeout=60).status_code == 403


def test_nobody_gets_an_address_of_what_they_may_not_see() -> None:
    snapshot = taken(viewer=somebody())
    with pytest.raises(NotFound):
        reading(downloads_of, viewer=somebody(name="Grace"), snapshot_id=snapshot.id)
