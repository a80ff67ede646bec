"""Snapshots by the workers: taken, mailed, tried again, given up, called off, cleaned up after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.config import PROJECT_ROOT
from app.errors import Unavailable
from app.integrations.bucket import S3Bucket
from app.models.accounts import Person, Role
from app.models.columns import now
from app.models.operations import DeadLetter, Job, JobState, Queue
from app.models.ordering import MailboxMessage
from app.models.snapshots import (
    CleanUpBucket,
    DeleteSnapshots,
    SnapshotState,
    TakeNightly,
    VerifySample,
)
from app.services.snapshots import cancel_snapshot, list_snapshots, parts_of, request_snapshot
from app.services.snapshots.capture import capture_snapshot
from app.services.snapshots.leftovers import clean_up_bucket
from app.services.snapshots.manifest import NAME
from app.work import open_work, reading, within
from jobs.lease import LONGEST_PAUSE
from jobs.relay import hand_over
from tests.integration.ordering.conftest import let_time_pass, queues, work_off
from tests.integration.snapshots.conftest import (
    INSTALLATION,
    everything_kept,
    row_of,
    shown,
    somebody,
    taken,
    wait_until_free,
)

if TYPE_CHECKING:
    from uuid import UUID

    from app.integrations.bucket.upload import MultipartUpload
    from app.models.operations import JobCall

__all__ = ["queues"]
pytestmark = pytest.mark.usefixtures("queues", "catalogue")

COMPLETE = [NAME, "part-00000.parquet"]
PATIENCE_SECONDS = 100


@pytest.fixture(autouse=True)
def _pauses_that_are_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what failed from being due again before a test says so."""
    monkeypatch.setattr("jobs.lease.FIRST_PAUSE", LONGEST_PAUSE)


def drain() -> None:
    """Relay and carry out what is due."""
    for _ in range(10):
        if not hand_over():
            return
        work_off(Queue.SNAPSHOTS)
        work_off(Queue.MAIL)
    pytest.fail("Jobs kept coming back.")


def enqueued(call: JobCall) -> None:
    """Carry out a job that the schedule would queue."""
    with open_work() as work:
        work.enqueue(call)
    drain()


def test_it_is_captured_by_a_worker_and_mailed_to_all_who_asked(bucket: S3Bucket) -> None:
    ada, grace, quiet = somebody(), somebody(name="Grace"), somebody(name="Quiet")
    asked = within(request_snapshot, viewer=ada)
    within(request_snapshot, viewer=grace)
    within(request_snapshot, viewer=quiet, by_mail=False)
    drain()
    assert shown(asked.id).state == "notified"
    assert everything_kept(bucket, asked.id) == COMPLETE
    with open_work() as work:
        mails = work.session.scalars(select(MailboxMessage)).all()
        assert {mail.recipient for mail in mails} == {ada.email, grace.email}
        for mail in mails:
            assert mail.subject == "Your snapshot is ready: The whole catalogue"
            assert f"/snapshots/{asked.id}?link=" in mail.text
            assert shown(asked.id).root_hash in mail.text
            assert "UTC UTC" not in mail.text
            assert "UTC" in mail.text


def test_a_mail_is_sent_once_however_often_its_job_comes() -> None:
    ada = somebody()
    asked = within(request_snapshot, viewer=ada)
    drain()
    with open_work() as work:
        for job in work.session.scalars(select(Job).where(col(Job.queue) == Queue.MAIL)):
            job.state, job.relayed_at = JobState.QUEUED, None
    let_time_pass()
    drain()
    with open_work() as work:
        assert len(work.session.scalars(select(MailboxMessage)).all()) == 1
    assert shown(asked.id).state == "notified"


def failing(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the bucket refuse so many uploads."""
    whole, left = S3Bucket.upload, [None] * times

    def upload(self: S3Bucket, key: str, *, content_type: str) -> MultipartUpload:
        if left:
            left.pop()
            raise Unavailable("The bucket is on holiday.")
        return whole(self, key, content_type=content_type)

    monkeypatch.setattr(S3Bucket, "upload", upload)


def test_what_failed_is_tried_again_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch, bucket: S3Bucket
) -> None:
    failing(monkeypatch, 2)
    asked = within(request_snapshot, viewer=INSTALLATION)
    drain()
    waiting = shown(asked.id)
    assert (waiting.state, waiting.problem) == ("queued", "The bucket is on holiday.")
    assert everything_kept(bucket, asked.id) == []
    let_time_pass()
    drain()
    let_time_pass()
    drain()
    after = shown(asked.id)
    assert (after.state, after.problem, after.position) == ("stored", "", 1)


def test_what_keeps_failing_is_given_up_and_an_operator_may_put_it_back(
    monkeypatch: pytest.MonkeyPatch, bucket: S3Bucket
) -> None:
    failing(monkeypatch, 5)
    asked = within(request_snapshot, viewer=INSTALLATION)
    for _ in range(5):
        drain()
        let_time_pass()
    assert (shown(asked.id).state, shown(asked.id).is_readable) == ("failed", False)
    with open_work() as work:
        assert len(work.session.scalars(select(DeadLetter)).all()) == 1
    assert everything_kept(bucket, asked.id) == []
    capture_snapshot(snapshot_id=asked.id)
    assert shown(asked.id).state == "stored"


# Writes a part, says so, and waits for its end.
KILLED = """
import sys, time
from uuid import UUID
from app.integrations.bucket import S3Bucket
from app.integrations.bucket.upload import MultipartUpload
from app.services.snapshots.capture import capture_snapshot
WHERE = sys.argv[2]
def wait(*_, **__):
    print("now", flush=True)
    time.sleep(600)
if WHERE == "within a part":
    MultipartUpload._finish = wait
elif WHERE == "before the manifest":
    S3Bucket.put_new = wait
else:
    from app.services.snapshots import chain
    chain._store = wait
capture_snapshot(snapshot_id=UUID(sys.argv[1]))
"""


@pytest.mark.parametrize("where", ["within a part", "before the manifest", "after the manifest"])
@pytest.mark.parametrize("mends", ["the next try", "the clean-up"])
def test_a_worker_that_is_killed_leaves_nothing_that_stays(
    where: str, mends: str, bucket: S3Bucket
) -> None:
    asked = within(request_snapshot, viewer=INSTALLATION)
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(asked.id), where],
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout
    assert worker.stdout.readline() == "now\n"
    assert _is_locked(asked.id)
    assert clean_up_bucket() == 0, "it is being written"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    wait_until_free(asked.id)

    assert everything_kept(bucket, asked.id) != []
    lost = shown(asked.id)
    assert (lost.state, lost.is_readable, lost.position) == ("capturing", False, None)
    assert reading(list_snapshots, viewer=INSTALLATION, only_stored=True).rows == ()
    if mends == "the next try":
        first = row_of(asked.id).taken_at
        drain()
        assert everything_kept(bucket, asked.id) == COMPLETE
        again = shown(asked.id)
        assert (again.state, again.position) == ("stored", 1)
        assert again.taken_at != first
    else:
        within(cancel_snapshot, viewer=INSTALLATION, snapshot_id=asked.id)
        assert clean_up_bucket() > 0
        assert everything_kept(bucket, asked.id) == []


def _is_locked(snapshot_id: UUID) -> bool:
    with pytest.raises(Unavailable, match="Another process"):
        capture_snapshot(snapshot_id=snapshot_id)
    return True


def test_calling_it_off_ends_a_capture_that_is_under_way(
    monkeypatch: pytest.MonkeyPatch, bucket: S3Bucket
) -> None:
    asked = within(request_snapshot, viewer=INSTALLATION)
    began, may_go_on = threading.Event(), threading.Event()
    whole = S3Bucket.upload

    def upload(self: S3Bucket, key: str, *, content_type: str) -> MultipartUpload:
        began.set()
        assert may_go_on.wait(PATIENCE_SECONDS)
        return whole(self, key, content_type=content_type)

    monkeypatch.setattr(S3Bucket, "upload", upload)
    capture = threading.Thread(target=capture_snapshot, kwargs={"snapshot_id": asked.id})
    capture.start()
    assert began.wait(PATIENCE_SECONDS)
    within(cancel_snapshot, viewer=INSTALLATION, snapshot_id=asked.id)
    may_go_on.set()
    capture.join(PATIENCE_SECONDS)
    assert not capture.is_alive()
    assert row_of(asked.id).state is SnapshotState.CANCELLED
    assert everything_kept(bucket, asked.id) == []
    assert taken().position == 1, "what was called off is no link"


def test_the_schedule_takes_verifies_deletes_and_cleans_up(bucket: S3Bucket) -> None:
    enqueued(TakeNightly())
    [nightly] = reading(list_snapshots, viewer=INSTALLATION).rows
    assert (nightly.trigger, nightly.state, nightly.title) == (
        "schedule",
        "stored",
        "The whole catalogue",
    )
    enqueued(VerifySample())
    assert shown(nightly.id).chain == "verified"
    enqueued(DeleteSnapshots())
    bucket.put("snapshots/read-me.txt", b"", content_type="text/plain")
    enqueued(CleanUpBucket())
    assert everything_kept(bucket, nightly.id) == COMPLETE
    with open_work() as work:
        jobs = work.session.scalars(select(Job)).all()
        assert {job.state for job in jobs} == {JobState.DONE}


def test_one_that_is_deleted_before_its_turn_keeps_no_other_from_being_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, kept = taken(), taken()
    with open_work() as work:
        work.session.execute(
            text("UPDATE snapshot SET deleted_at = now() WHERE id = :id"), {"id": gone.id}
        )
    # As it was when the sample was drawn.
    monkeypatch.setattr("jobs.snapshots.sample_to_verify", lambda _work: [gone.id, kept.id])
    enqueued(VerifySample())
    assert shown(kept.id).chain == "verified"
    with open_work() as work:
        assert not work.session.scalars(select(DeadLetter)).all()


def test_damage_is_mailed_once_to_those_who_look_after_snapshots(bucket: S3Bucket) -> None:
    operator = somebody(Role.OPERATOR, "Katherine")
    administrator = somebody(Role.ADMIN, "Margaret")
    somebody(name="Ada")
    gone = somebody(Role.OPERATOR, "Gone")
    with open_work() as work:
        found = work.session.get(Person, gone.person_id)
        assert found is not None
        found.blocked_at = now()
    snapshot = taken()
    [part] = reading(parts_of, viewer=INSTALLATION, snapshot_id=snapshot.id)
    whole = bucket.get(part.key).content
    bucket.put(part.key, whole[:-1] + b"x", content_type="application/octet-stream")
    for _ in range(2):
        enqueued(VerifySample())
    assert _alarms() == sorted([operator.email, administrator.email])
    with open_work() as work:
        mail = work.session.scalars(select(MailboxMessage)).first()
        assert mail is not None
        assert mail.subject == "A snapshot is damaged: The whole catalogue"
        assert "part-00000.parquet was changed." in mail.text
        assert f"/snapshots/{snapshot.id}" in mail.text
    # What was mended and is damaged again is news.
    bucket.put(part.key, whole, content_type="application/octet-stream")
    enqueued(VerifySample())
    assert shown(snapshot.id).chain == "verified"
    bucket.put(part.key, whole[:-1] + b"x", content_type="application/octet-stream")
    enqueued(VerifySample())
    assert _alarms() == sorted(2 * [operator.email, administrator.email])


def _alarms() -> list[str]:
    with open_work() as work:
        return sorted(mail.recipient for mail in work.session.scalars(select(MailboxMessage)))
