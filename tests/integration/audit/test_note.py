"""Noting: one entry per deed, in the transaction of the deed, chained to the one before."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlmodel import col

from app.acting import ActorKind, acts
from app.errors import Conflict
from app.models.audit import AuditAction, AuditEntry
from app.services.audit import note
from app.work import open_work, within

if TYPE_CHECKING:
    from app.work import Work

pytestmark = pytest.mark.usefixtures("database")


def noted(work: Work) -> list[AuditEntry]:
    return list(work.session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence))))


def note_one(work: Work, title: str = "Nuts", **values: object) -> None:
    note(work, AuditAction.FEED_CHANGED, kind="feed", id="7", title=title, **values)  # pyright: ignore[reportArgumentType] - before and after


def hash_by_hand(work: Work, entry: AuditEntry) -> bytes:
    """Make the hash as docs/audit.md says, from what stands in the table."""
    before, after = work.session.execute(
        text("SELECT before::text, after::text FROM audit_entry WHERE sequence = :it"),
        {"it": entry.sequence},
    ).one()
    parts = [
        str(entry.sequence),
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        *(entry.actor_kind, entry.actor_id, entry.actor_name, entry.address, entry.trace_id),
        *(entry.action, entry.subject_kind, entry.subject_id, entry.subject_title),
        *(before, after, entry.previous_hash.hex()),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).digest()


def test_an_entry_says_who_did_what_and_from_where() -> None:
    acts(kind=ActorKind.PERSON, id="42", name="Ada", address="203.0.113.9", trace_id="cafe")
    with open_work() as work:
        note_one(work, before={"url": "a", "name": "n"}, after={"url": "b", "name": "n"})
    [entry] = within(noted)
    assert (entry.sequence, entry.action) == (1, "feed.changed")
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == (ActorKind.PERSON, "42", "Ada")
    assert (entry.address, entry.trace_id) == ("203.0.113.9", "cafe")
    assert (entry.subject_kind, entry.subject_id, entry.subject_title) == ("feed", "7", "Nuts")
    assert (entry.before, entry.after) == ({"url": "a"}, {"url": "b"})


def test_each_entry_carries_the_hash_of_the_one_before_and_anybody_can_make_it() -> None:
    odd = 'Zoë "quoted" \\ \n\t\x08\x1f\x7f\u2028 \U0001f40c \0 \ud800'
    with open_work() as work:
        note_one(work)
        note_one(work, odd, before={"x": 1}, after={"x": 2.5, "é": [None, True, {"b": 1e22}]})
    with open_work() as work:
        note_one(work, after={"name": odd})
    with open_work() as work:
        entries = noted(work)
        assert [entry.hash for entry in entries] == [hash_by_hand(work, one) for one in entries]
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert entries[0].previous_hash == bytes(32)
    assert all(later.previous_hash == one.hash for one, later in pairwise(entries))


def test_many_at_once_leave_neither_a_gap_nor_a_fork() -> None:
    def deed(number: int) -> None:
        with suppress(Conflict), open_work() as work:
            for part in range(number % 3 + 1):
                note_one(work, f"{number}/{part}")
            if number % 5 == 0:
                work.write_all()
                raise Conflict("Not now.")

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(deed, range(1, 200)))
    entries = within(noted)
    kept = [number for number in range(1, 200) if number % 5]
    assert sorted(entry.subject_title for entry in entries) == sorted(
        f"{number}/{part}" for number in kept for part in range(number % 3 + 1)
    )
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert all(later.previous_hash == one.hash for one, later in pairwise(entries))
    assert all(one.at <= later.at for one, later in pairwise(entries))


def fail_after_a_note(work: Work) -> None:
    note_one(work, "lost")
    raise Conflict("Not now.")


def test_what_fails_is_not_noted_and_leaves_no_gap() -> None:
    with pytest.raises(Conflict), open_work() as work:
        fail_after_a_note(work)
    with open_work() as work:
        note_one(work, "before")
        with pytest.raises(Conflict), work.attempt():
            fail_after_a_note(work)
        with work.attempt():
            note_one(work, "kept")
    assert [(one.sequence, one.subject_title) for one in within(noted)] == [
        (1, "before"),
        (2, "kept"),
    ]


def test_a_note_waits_for_the_end_of_its_transaction_and_holds_nobody_up_until_then() -> None:
    with open_work() as slow:
        note_one(slow, "slow")
        with slow.attempt():
            note_one(slow, "slow too")
        with open_work() as quick:
            note_one(quick, "quick")
    assert [one.subject_title for one in within(noted)] == ["quick", "slow", "slow too"]


def test_secrets_are_masked_by_name_and_by_type_and_it_shows_that_they_changed() -> None:
    with open_work() as work:
        note_one(
            work,
            before={"secret": None, "key": SecretStr("one"), "nested": {"api_key": "k1", "n": 1}},
            after={"secret": "pw", "key": SecretStr("two"), "nested": {"api_key": "k2", "n": 1}},
        )
    [entry] = within(noted)
    hidden = "**********"
    assert entry.before == {"secret": None, "key": hidden, "nested": {"api_key": hidden, "n": 1}}
    assert entry.after == {"secret": hidden, "key": hidden, "nested": {"api_key": hidden, "n": 1}}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.example/x?page=2&api_key=k1&n=3#part", "?page=2&api_key=**********&n=3#part"),
        ("https://a.example/x?key=k1", "?key=**********"),
        ("https://a.example/x?Access_Token=k1&pages=9", "?Access_Token=**********&pages=9"),
        ("postgresql://app:k1@db/app", "postgresql://**********@db/app"),
        ("https://a.example/x?monkey=1", "https://a.example/x?monkey=1"),
    ],
)
def test_secrets_are_masked_in_addresses(address: str, shown: str) -> None:
    with open_work() as work:
        note_one(work, after={"url": address, "all": [address]})
    [entry] = within(noted)
    assert entry.after
    assert entry.after["url"].endswith(shown)
    assert "k1" not in str(entry.after)


def test_what_is_too_long_is_cut() -> None:
    with open_work() as work:
        note_one(work, "x" * 10_000, after={"name": "y" * 10_000})
    [entry] = within(noted)
    assert entry.subject_title == "x" * 199 + "…"
    assert entry.after == {"name": "y" * 1_999 + "…"}
