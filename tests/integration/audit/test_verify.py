"""Whatever a superuser does to the chain is found, and the first bad entry named."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

import orjson
import pytest
from typer.testing import CliRunner

from app.acting import ActorKind, acts
from app.cli import cli
from app.integrations.bucket import S3Bucket
from app.integrations.bucket.client import s3_client
from app.models.audit import AnchorAudit, AuditAction, VerifyAudit
from app.models.operations import JobCall, Queue
from app.services.audit import (
    keep_verification,
    last_verification,
    newest_entry,
    note,
    verify_chain,
    write_anchor,
)
from app.services.audit.anchors import FOLDER, known_anchors
from app.services.audit.chain import Link, hash_of
from app.services.audit.verify import _LINKS  # pyright: ignore[reportPrivateUsage] - the texts that are hashed
from app.views.audit import Fault
from app.work import open_work, within
from jobs.relay import hand_over
from tests.factories.database import as_owner, unguarded_audit
from tests.integration.ordering.conftest import work_off

if TYPE_CHECKING:
    from app.views.audit import Finding

ENTRIES = 9
# Numbers are unique: each gets out of the way before the next takes its place.
SHIFT = (
    "UPDATE audit_entry SET sequence = -sequence WHERE sequence > {after}",
    "UPDATE audit_entry SET sequence = -sequence + {by} WHERE sequence < 0",
)
SWAP = (
    "UPDATE audit_entry SET sequence = 0 WHERE sequence = {one}",
    "UPDATE audit_entry SET sequence = {one} WHERE sequence = {other}",
    "UPDATE audit_entry SET sequence = {other} WHERE sequence = 0",
)
PUT_IN = (
    "INSERT INTO audit_entry SELECT * FROM jsonb_populate_record("
    "(SELECT e FROM audit_entry e WHERE sequence = {like}), '{{\"sequence\": {as}}}')"
)
FORGE = "UPDATE audit_entry SET actor_name = 'somebody else' WHERE sequence = {it}"


def filled(statements: str | tuple[str, ...], **values: int) -> list[str]:
    each = (statements,) if isinstance(statements, str) else statements
    return [one.format(**values) for one in each]


TAMPERED: dict[str, tuple[list[str], tuple[Fault, int]]] = {
    "a value is changed": (filled(FORGE, it=4), (Fault.CHANGED, 4)),
    "a moment is changed by a microsecond": (
        ["UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE sequence = 1"],
        (Fault.CHANGED, 1),
    ),
    "what was said is now said elsewhere": (
        ["UPDATE audit_entry SET before = after, after = before WHERE sequence = 9"],
        (Fault.CHANGED, 9),
    ),
    "nothing became null": (
        ["UPDATE audit_entry SET after = 'null' WHERE sequence = 1"],
        (Fault.CHANGED, 1),
    ),
    "a hash is changed": (
        ["UPDATE audit_entry SET hash = sha256('x') WHERE sequence = 4"],
        (Fault.CHANGED, 4),
    ),
    "one is removed": (["DELETE FROM audit_entry WHERE sequence = 4"], (Fault.REMOVED, 4)),
    "the first is removed": (["DELETE FROM audit_entry WHERE sequence = 1"], (Fault.REMOVED, 1)),
    "several are removed": (
        ["DELETE FROM audit_entry WHERE sequence BETWEEN 3 AND 7"],
        (Fault.REMOVED, 3),
    ),
    "one is removed and the gap closed": (
        ["DELETE FROM audit_entry WHERE sequence = 4", *filled(SHIFT, after=4, by=-1)],
        (Fault.REMOVED, 4),
    ),
    "two are removed and the gap closed": (
        ["DELETE FROM audit_entry WHERE sequence IN (7, 8)", *filled(SHIFT, after=8, by=-2)],
        (Fault.REMOVED, 7),
    ),
    "one is inserted before all others": (
        filled(PUT_IN, like=4, **{"as": 0}),
        (Fault.INSERTED, 0),
    ),
    "one is inserted between": (
        [*filled(SHIFT, after=4, by=1), *filled(PUT_IN, like=4, **{"as": 5}), *filled(FORGE, it=5)],
        (Fault.INSERTED, 5),
    ),
    "one is written once more at the end": (
        filled(PUT_IN, like=9, **{"as": 10}),
        (Fault.INSERTED, 10),
    ),
    "two are swapped": (filled(SWAP, one=3, other=7), (Fault.MOVED, 3)),
    "neighbours are swapped": (filled(SWAP, one=3, other=4), (Fault.MOVED, 3)),
}


@pytest.fixture(autouse=True)
def chain(database: None, bucket: S3Bucket) -> None:  # noqa: ARG001 - empty
    """Note some deeds; no anchor is there yet."""
    for key in list(bucket.keys(FOLDER)):
        bucket.delete(key)
    acts(kind=ActorKind.NOBODY, name="Ada")
    for number in range(1, ENTRIES + 1):
        note_one(number)


def note_one(number: int) -> None:
    with open_work() as work:
        note(
            work,
            AuditAction.FEED_CHANGED,
            kind="feed",
            id=str(number),
            title=f"Feed {number}",
            before={"number": number} if number > 1 else None,
            after={"number": number + 1} if number > 1 else None,
        )


def anchor() -> None:
    newest = within(newest_entry)
    assert newest
    write_anchor(newest)


def tamper(statements: list[str]) -> None:
    with as_owner() as connection, connection.transaction(), unguarded_audit(connection):
        for statement in statements:
            connection.execute(statement.encode())


def rehash(sequence: int, previous: bytes | None = None) -> bytes:
    """Give an entry the hash that fits what it says now, as somebody would who knows how."""
    with open_work() as work:
        number, *said, before, _ = next(
            row for row in work.session.execute(_LINKS) if row.sequence == sequence
        )
    link = Link(number, tuple(said), before if previous is None else previous, b"")
    with as_owner() as connection, connection.transaction(), unguarded_audit(connection):
        connection.execute(
            "UPDATE audit_entry SET previous_hash = %s, hash = %s WHERE sequence = %s",
            [link.previous, hash_of(link), number],
        )
    return hash_of(link)


def found() -> Finding:
    finding = verify_chain().finding
    assert finding
    return finding


def test_a_chain_that_nobody_touched_is_good() -> None:
    result = verify_chain()
    assert (result.entries, result.anchors, result.finding) == (ENTRIES, 0, None)


@pytest.mark.parametrize("name", TAMPERED)
def test_the_first_bad_entry_is_named(name: str) -> None:
    statements, expected = TAMPERED[name]
    tamper(statements)
    finding = found()
    assert (finding.fault, finding.sequence) == expected
    assert str(finding.sequence) in finding.sentence


def test_one_whose_hash_was_made_anew_does_not_fit_what_follows() -> None:
    tamper(filled(FORGE, it=4))
    rehash(4)
    assert (found().fault, found().sequence) == (Fault.CHANGED, 4)


def test_the_last_can_be_made_anew_and_an_anchor_tells() -> None:
    anchor()
    tamper(filled(FORGE, it=ENTRIES))
    rehash(ENTRIES)
    assert (found().fault, found().sequence) == (Fault.REWRITTEN, 1)


def test_the_whole_rest_can_be_made_anew_and_an_anchor_tells() -> None:
    anchor()
    note_one(ENTRIES + 1)
    note_one(ENTRIES + 2)
    anchor()
    tamper(filled(FORGE, it=ENTRIES + 1))
    rehash(ENTRIES + 2, rehash(ENTRIES + 1))
    assert (found().fault, found().sequence) == (Fault.REWRITTEN, ENTRIES + 1)


def test_a_cut_end_is_told_by_an_anchor_also_when_the_chain_has_grown_again() -> None:
    anchor()
    tamper(["DELETE FROM audit_entry WHERE sequence > 6"])
    finding = found()
    assert (finding.fault, finding.sequence) == (Fault.CUT, 7)
    assert f"entry {ENTRIES} was anchored" in finding.sentence
    for number in range(ENTRIES):
        note_one(number)
    assert (found().fault, found().sequence) == (Fault.REWRITTEN, 1)


def test_all_of_it_gone_is_told_too() -> None:
    anchor()
    tamper(["DELETE FROM audit_entry"])
    assert (found().fault, found().sequence) == (Fault.CUT, 1)


def test_an_anchor_is_written_once_and_never_again(bucket: S3Bucket) -> None:
    newest = within(newest_entry)
    assert newest
    assert write_anchor(newest)
    [key] = bucket.keys(FOLDER)
    first = bucket.get(key)
    assert not write_anchor(newest)
    assert bucket.get(key) == first
    said = json.loads(first.content)
    assert (said["sequence"], said["hash"]) == (ENTRIES, newest.hash.hex())
    assert known_anchors() == [newest]


def test_what_is_no_anchor_of_ours_among_them_does_no_harm(bucket: S3Bucket) -> None:
    bucket.put(f"{FOLDER}read-me.txt", b"", content_type="text/plain")
    anchor()
    result = verify_chain()
    assert (result.anchors, result.finding) == (1, None)


def test_without_the_bucket_the_chain_alone_is_verified_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anchor()
    closed = S3Bucket(s3_client(endpoint="http://127.0.0.1:1", attempts=1), "closed")
    monkeypatch.setattr("app.services.audit.anchors.configured_bucket", lambda: closed)
    result = verify_chain()
    assert (result.entries, result.anchors, result.finding) == (ENTRIES, None, None)
    assert "The bucket with the anchors does not answer" in result.sentence
    tamper(["DELETE FROM audit_entry WHERE sequence = 2"])
    assert (found().fault, found().sequence) == (Fault.REMOVED, 2)


def test_a_bad_result_is_loud_and_stays_until_a_good_one(caplog: pytest.LogCaptureFixture) -> None:
    assert within(last_verification) is None
    tamper(filled(FORGE, it=4))
    within(keep_verification, result=verify_chain())
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "Entry 4 was changed" in record.message
    kept = within(last_verification)
    assert kept
    assert kept.finding
    assert (kept.finding.fault, kept.finding.sequence) == (Fault.CHANGED, 4)
    tamper(["UPDATE audit_entry SET actor_name = 'Ada' WHERE sequence = 4"])
    good = verify_chain()
    within(keep_verification, result=good)
    assert within(last_verification) == good
    assert good.finding is None


def carry_out(call: JobCall) -> None:
    with open_work() as work:
        work.enqueue(call)
    hand_over()
    work_off(Queue.ROOMS)


@pytest.mark.usefixtures("queues")
def test_the_jobs_anchor_and_verify(bucket: S3Bucket) -> None:
    carry_out(AnchorAudit())
    assert len(list(bucket.keys(FOLDER))) == 1
    carry_out(VerifyAudit())
    kept = within(last_verification)
    assert kept
    assert (kept.entries, kept.anchors, kept.finding) == (ENTRIES, 1, None)


def test_the_command_says_it_in_a_sentence_and_as_json() -> None:
    runner = CliRunner()
    assert runner.invoke(cli, ["audit", "anchor"]).output.startswith(f"Entry {ENTRIES} is anchored")
    done = runner.invoke(cli, ["audit", "verify"])
    assert done.exit_code == 0
    assert done.output == "9 entries are as they were written, and 1 anchors in the bucket agree.\n"
    tamper(["DELETE FROM audit_entry WHERE sequence = 4"])
    done = runner.invoke(cli, ["audit", "verify", "--json"])
    assert done.exit_code == 1
    said = orjson.loads(done.output)
    assert (said["good"], said["entries"]) == (False, 3)
    assert said["finding"] == {
        "fault": "removed",
        "sequence": 4,
        "sentence": "Entry 4 was removed.",
    }
    kept = within(last_verification)
    assert kept
    assert kept.finding


def test_anybody_can_verify_with_the_database_and_a_hash_alone() -> None:
    """As docs/audit.md tells: each line of the query is what is hashed."""
    with as_owner() as connection:
        rows = connection.execute(
            """
            SELECT jsonb_build_array(
                sequence::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                actor_kind, actor_id, actor_name, address, trace_id, action,
                subject_kind, subject_id, subject_title, before::text, after::text,
                encode(previous_hash, 'hex'))::text, hash
            FROM audit_entry ORDER BY sequence
            """
        ).fetchall()
    assert [hashlib.sha256(line.encode()).digest() for line, _ in rows] == [one for _, one in rows]
