"""Ids that are made before their rows are written."""

from __future__ import annotations

import time

from app.models.columns import new_id


def test_they_are_version_7_of_this_moment() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_they_differ_and_follow_each_other() -> None:
    made = [new_id() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    times = [one.int >> 64 for one in made]
    assert times == sorted(times)
