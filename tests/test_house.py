"""The house rules that no linter knows: sizes, names that resolve, layers, documents."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
import reflex as rx

import app.models  # noqa: F401 - registers every job call
from app.config import PROJECT_ROOT, Settings
from app.models.operations import JobCall, Queue

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

ROOMS = ("app", "components", "state", "jobs", "alembic", "tests", "bench")
FILE_LINES = 250
# Tables and queries are lists; a reader looks something up in them.
LONG_FILE_LINES = 400
LONG_FILES = re.compile(r"(^app/models/|/queries\.py$|/statements\.py$|^tests/|^alembic/|^bench/)")
STATE_VARS = 15
STATE_LINES = 150


def sources() -> Iterator[Path]:
    for room in ROOMS:
        folder = PROJECT_ROOT / room
        yield from (file for file in folder.rglob("*.py") if ".data" not in file.parts)


def relative(file: Path) -> str:
    return file.relative_to(PROJECT_ROOT).as_posix()


def below(parent: type[T]) -> Iterator[type[T]]:
    """Yield every subclass, however deep."""
    for child in parent.__subclasses__():
        yield child
        yield from below(child)


@pytest.fixture
def states() -> list[type[rx.State]]:
    """Return every state of the program."""
    importlib.import_module("app.app")
    return [state for state in below(rx.State) if state.__module__.split(".")[0] in ROOMS]


def test_files_stay_short_enough_to_read() -> None:
    too_long = {
        relative(file): lines
        for file in sources()
        if (lines := len(file.read_text().splitlines()))
        > (LONG_FILE_LINES if LONG_FILES.search(relative(file)) else FILE_LINES)
    }
    assert not too_long


def test_states_stay_small(states: list[type[rx.State]]) -> None:
    sizes = {
        state.__name__: (
            len(state.base_vars) + len(state.computed_vars),
            len(inspect.getsource(state).splitlines()),
        )
        for state in states
    }
    assert sizes, "no state was registered, so nothing was looked at"
    too_big = {
        name: size for name, size in sizes.items() if size[0] > STATE_VARS or size[1] > STATE_LINES
    }
    assert not too_big


def test_states_are_flat(states: list[type[rx.State]]) -> None:
    nested = [state.get_full_name() for state in states if state.get_parent_state() is not rx.State]
    assert not nested, "loading a state loads its parents: each is a child of rx.State"


@pytest.mark.parametrize(
    "call", [pytest.param(call, id=call.__name__) for call in sorted(below(JobCall), key=str)]
)
def test_every_queued_name_is_a_job_that_takes_its_payload(call: type[JobCall]) -> None:
    module, _, name = call.job.rpartition(".")
    assert module.startswith("jobs."), "jobs live in jobs/"
    function = getattr(importlib.import_module(module), name)
    assert callable(function)
    assert call.queue in Queue
    assert call.timeout > 0
    assert call.max_attempts > 0


def test_every_setting_says_what_it_is() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]
    assert not silent


def test_the_environment_is_read_in_one_place() -> None:
    """Ruff bans `os.environ`; this finds the `from os import environ` it does not see."""
    allowed = re.compile(r"^(app/config\.py|app/embedded/|tests/|bench/|alembic/)")
    readers = [
        relative(file)
        for file in sources()
        if not allowed.search(relative(file))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module == "os"
        and {"environ", "getenv"} & {alias.name for alias in node.names}
    ]
    assert not readers


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"#.*\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    left = [
        f"{relative(file)}:{number}"
        for file in sources()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert left == []


def test_every_exception_to_a_rule_has_a_reason() -> None:
    bare = re.compile(
        r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[.*?\])?|pyright: ignore(\[.*?\])?)$"
    )
    unexplained = [
        f"{relative(file)}:{number}"
        for file in sources()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if bare.search(line.rstrip())
    ]
    assert unexplained == []
