"""The routes that lead to the files of a snapshot: for whom, and what they say to others."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlmodel import col

from app.api.rest import create_rest
from app.integrations.arrow import parquet
from app.integrations.arrow.local import configured_parts
from app.integrations.ports import Identity
from app.models.operations import Job
from app.models.snapshots import WriteSnapshotCsv
from app.services import accounts
from app.services.snapshots import csv_file, links, signed_link
from app.services.snapshots.csv_file import write_snapshot_csv
from app.services.snapshots.manifest import csv_of
from app.work import open_work, within
from tests.integration.snapshots.conftest import taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.integrations.bucket import S3Bucket
    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("catalogue", "redis")

FORMULA = "=HYPERLINK(0)"


@pytest.fixture(autouse=True)
def _fresh_copies() -> None:
    configured_parts.cache_clear()


def a_browser(name: str = "", group: str = "buyer") -> tuple[TestClient, Viewer | None]:
    """Return a browser that follows nothing by itself, and who is signed in with it."""
    web = TestClient(create_rest(), follow_redirects=False)
    if not name:
        return web, None
    identity = Identity(
        issuer="https://issuer.example",
        subject=name,
        email=f"{name}@company.example",
        name=name.title(),
        groups=(group,),
        locale="en",
        id_token="an id token",
    )
    opened = within(accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser())
    web.cookies.set(accounts.session_cookie(), opened.token)
    return web, within(accounts.who_is_asking, token=opened.token)


def hers() -> tuple[TestClient, Viewer, SnapshotView]:
    """Return a browser, who is signed in with it, and a snapshot of theirs."""
    web, ada = a_browser("ada")
    assert ada is not None
    return web, ada, taken(viewer=ada)


def mailed(ada: Viewer, snapshot: SnapshotView) -> str:
    """Return the path of the link in a mail."""
    whole = urlsplit(signed_link(snapshot_id=snapshot.id, person_id=ada.person_id))
    return f"{whole.path}?{whole.query}"


def fetched(answer: Any) -> bytes:
    """Follow where an answer leads, in a browser that knows nothing; return the file."""
    assert answer.status_code == 303
    web, _ = a_browser()
    return web.get(answer.headers["location"]).content


def test_who_may_see_it_gets_it_through_us_where_no_browser_reaches_the_bucket() -> None:
    web, _, snapshot = hers()
    answer = web.get(f"/snapshots/{snapshot.id}/download")
    assert answer.headers["cache-control"] == "no-store"
    assert len(fetched(answer)) == snapshot.bytes
    part = f"/snapshots/{snapshot.id}/files/part-00000.parquet"
    assert web.get(part).status_code == 303
    assert web.get(f"{part}x").status_code == 404


def _one_by_one(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    for batch in batches:
        for place in range(batch.num_rows):
            yield pa.Table.from_batches([batch.slice(place, 1)]).cast(schema)


def test_of_several_files_the_page_lists_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_groups", _one_by_one)
    web, ada = a_browser("ada")
    assert ada is not None
    snapshot = taken(viewer=ada, part_rows=1)
    answer = web.get(f"/snapshots/{snapshot.id}/download")
    assert answer.headers["location"] == f"/snapshots/{snapshot.id}#files"
    names = [f"part-{number:05}.parquet" for number in range(snapshot.parts)]
    assert len(names) > 1
    files = [fetched(web.get(f"/snapshots/{snapshot.id}/files/{name}")) for name in names]
    assert sum(map(len, files)) == snapshot.bytes
    page = a_browser()[0].get(mailed(ada, snapshot)).text
    assert f"Download part {len(names)} of {len(names)}" in page


@pytest.mark.parametrize("way", ["download", "csv", "files/part-00000.parquet"])
def test_nobody_else_is(way: str) -> None:
    _, _, snapshot = hers()
    address = f"/snapshots/{snapshot.id}/{way}"
    stranger, _ = a_browser("grace")
    nobody, _ = a_browser()
    operator, _ = a_browser("katherine", "operator")
    assert (stranger.get(address).status_code, nobody.get(address).status_code) == (404, 401)
    assert operator.get(address).status_code in {200, 303}
    assert stranger.get(f"/snapshots/{uuid4()}/{way}").status_code == 404


def test_the_link_in_a_mail_needs_no_account_and_says_what_it_leads_to() -> None:
    _, ada, snapshot = hers()
    web, _ = a_browser()
    page = web.get(mailed(ada, snapshot))
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert snapshot.root_hash in page.text
    path, _, token = mailed(ada, snapshot).partition("?")
    file = web.get(f"{path}/files/part-00000.parquet?{token}")
    assert len(fetched(file)) == snapshot.bytes
    assert "Screwdriver PH1" in web.get(f"{path}/csv?{token}").text
    # It opens nothing but that.
    assert web.get(f"/snapshots/{snapshot.id}/download?{token}").status_code == 401
    assert web.get(f"/links/snapshots/{uuid4()}?{token}").status_code == 403


@pytest.mark.parametrize("way", ["", "/files/part-00000.parquet", "/csv"])
def test_a_link_that_does_not_hold_says_why(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, ada, snapshot = hers()
    web, _ = a_browser()
    path, _, token = mailed(ada, snapshot).partition("?")
    for wrong in (token[:-3], "link=", "other=1", "link=%00"):
        answer = web.get(f"{path}{way}?{wrong}")
        assert (answer.status_code, "This link is not valid" in answer.text) == (403, True)
    with monkeypatch.context() as patch:
        patch.setattr(links, "LINK_LASTS", timedelta(seconds=-1))
        answer = web.get(f"{path}{way}?{token}")
        assert (answer.status_code, "This link has expired" in answer.text) == (403, True)
    with open_work() as work:
        work.session.execute(text("UPDATE person SET blocked_at = now()"))
    answer = web.get(f"{path}{way}?{token}")
    assert (answer.status_code, "This link no longer works" in answer.text) == (403, True)


def test_csv_holds_every_product_and_no_formula() -> None:
    with open_work() as work:
        work.session.execute(
            text("UPDATE product SET name = :name, description = :said WHERE name = 'Bottle'"),
            {"name": FORMULA, "said": "+1\n@x"},
        )
    web, _, snapshot = hers()
    answer = web.get(f"/snapshots/{snapshot.id}/csv")
    assert answer.headers["content-disposition"].endswith('products.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == snapshot.rows == 3
    found = next(row for row in rows if "HYPERLINK" in row["name"])
    assert (found["name"], found["description"]) == (f"'{FORMULA}", "'+1\n@x")
    full = next(row for row in rows if row["name"] == "Screwdriver PH1")
    assert (full["price_minor"], full["category"]) == ("12345", "Tools / Screwdrivers")
    assert '"Väri":"sininen"' in full["attributes"]


def test_a_long_one_is_written_by_one_job_and_kept(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "SHORT_ROWS", 2)
    web, _, snapshot = hers()
    address = f"/snapshots/{snapshot.id}/csv"
    for _ in range(2):
        answer = web.get(address)
        assert (answer.status_code, "is being written" in answer.text) == (202, True)
    assert _jobs() == 1
    for _ in range(2):
        write_snapshot_csv(snapshot_id=snapshot.id)
    content = fetched(web.get(address)).decode()
    assert content.count("\n") >= 4
    assert "Screwdriver PH1" in content
    stranger, _ = a_browser("grace")
    assert stranger.get(address).status_code == 404
    bucket.delete(csv_of(snapshot.id))


def _jobs() -> int:
    with open_work() as work:
        asked = select(func.count()).where(col(Job.name) == WriteSnapshotCsv.job)
        return work.session.scalar(asked) or 0
