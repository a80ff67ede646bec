"""While a snapshot is captured: how far it is, and what ends it at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.errors import Held, Unavailable
from app.flags import READ_ONLY, STOP_SNAPSHOTS, Flag
from app.integrations import live
from app.integrations.arrow.source import Stream
from app.integrations.bucket import S3Bucket
from app.integrations.bucket.upload import MultipartUpload
from app.models.operations import Queue
from app.services.snapshots import LIST_TOPIC, cancel_snapshot, pulse, request_snapshot, topic_of
from app.services.snapshots.capture import capture_snapshot
from app.services.snapshots.states import lock_of
from app.work import open_work, within
from jobs.held import is_held
from tests.integration.flags.switching import switch
from tests.integration.snapshots.conftest import (
    INSTALLATION,
    everything_kept,
    row_of,
    shown,
    taken,
    wait_until_free,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

pytestmark = pytest.mark.usefixtures("catalogue")

PATIENCE_SECONDS = 100


@pytest.fixture
def while_it_is_captured(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[UUID, Callable[[], object]], BaseException | None]:
    """Return a function that does something in the middle of a capture, and how that ended.

    The capture goes on once it was told to stop, as if it waited for the database.
    """

    def capture(snapshot_id: UUID, meanwhile: Callable[[], object]) -> BaseException | None:
        stopped, problems = threading.Event(), list[BaseException]()
        stop, write = Stream.stop, MultipartUpload.write

        def stop_and_say(self: Stream) -> None:
            stop(self)
            stopped.set()

        def write_when_stopped(self: MultipartUpload, content: bytes) -> int:
            if not stopped.is_set():
                meanwhile()
                assert stopped.wait(PATIENCE_SECONDS), "nobody stopped it"
            return write(self, content)

        monkeypatch.setattr(pulse, "BEAT_SECONDS", 0.01)
        monkeypatch.setattr(Stream, "stop", stop_and_say)
        monkeypatch.setattr(MultipartUpload, "write", write_when_stopped)
        try:
            capture_snapshot(snapshot_id=snapshot_id)
        except Unavailable as problem:
            problems.append(problem)
        monkeypatch.undo()
        return problems[0] if problems else None

    return capture


def test_calling_it_off_stops_it_wherever_it_is(
    while_it_is_captured: Any, bucket: S3Bucket
) -> None:
    asked = within(request_snapshot, viewer=INSTALLATION)
    ended = while_it_is_captured(
        asked.id, lambda: within(cancel_snapshot, viewer=INSTALLATION, snapshot_id=asked.id)
    )
    assert ended is None
    assert shown(asked.id).state == "cancelled"
    assert everything_kept(bucket, asked.id) == []


def test_whoever_loses_the_lock_stops(while_it_is_captured: Any, bucket: S3Bucket) -> None:
    asked = within(request_snapshot, viewer=INSTALLATION)

    def end_the_connection() -> None:
        with open_work() as work:
            lock = lock_of(asked.id) % 2**64
            work.session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND classid::bigint = :high AND objid::bigint = :low"
                ),
                {"high": lock >> 32, "low": lock & 0xFFFFFFFF},
            )

    ended = while_it_is_captured(asked.id, end_the_connection)
    assert isinstance(ended, Unavailable)
    assert "lost its database connection" in ended.sentence
    assert shown(asked.id).state == "capturing"
    assert everything_kept(bucket, asked.id) == []
    wait_until_free(asked.id)
    capture_snapshot(snapshot_id=asked.id)
    assert shown(asked.id).state == "stored"


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("kill_switch", [STOP_SNAPSHOTS, READ_ONLY])
def test_a_kill_switch_stops_it_and_it_is_taken_when_that_is_off(
    kill_switch: Flag, while_it_is_captured: Any, bucket: S3Bucket
) -> None:
    asked = within(request_snapshot, viewer=INSTALLATION)
    ended = while_it_is_captured(asked.id, lambda: switch(kill_switch, "on"))
    assert isinstance(ended, Unavailable)
    assert ended.sentence == kill_switch.refusal
    assert everything_kept(bucket, asked.id) == []
    assert is_held(Queue.SNAPSHOTS)
    switch(kill_switch, "off")
    capture_snapshot(snapshot_id=asked.id)
    assert shown(asked.id).state == "stored"


@pytest.mark.usefixtures("redis")
def test_while_snapshots_are_stopped_none_is_asked_for() -> None:
    switch(STOP_SNAPSHOTS, "on")
    with pytest.raises(Held, match="Snapshots are stopped"):
        within(request_snapshot, viewer=INSTALLATION)
    switch(STOP_SNAPSHOTS, "off")
    assert within(request_snapshot, viewer=INSTALLATION).state == "queued"


def test_open_pages_hear_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[set[str]] = []
    said = threading.Event()
    announce = live.announce

    def hear(topics: Iterable[str]) -> None:
        told = set(topics)
        heard.append(told)
        announce(told)
        if row_of(asked.id).rows_done:
            said.set()

    whole = MultipartUpload._finish  # noqa: SLF001 - the moment before the part is complete

    def finish(self: MultipartUpload) -> None:
        assert said.wait(PATIENCE_SECONDS), "nobody said how far it is"
        whole(self)

    asked = within(request_snapshot, viewer=INSTALLATION)
    monkeypatch.setattr(pulse, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(live, "announce", hear)
    monkeypatch.setattr(MultipartUpload, "_finish", finish)
    capture_snapshot(snapshot_id=asked.id)
    assert {LIST_TOPIC, topic_of(asked.id)} in heard
    assert shown(asked.id).rows_done == 3
    assert taken().position == 2
