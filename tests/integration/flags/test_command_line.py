"""`python -m app flag …`: a kill switch can be reached while the web is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.flag_cache import is_on
from app.flags import READ_ONLY
from app.models.audit import AuditAction, AuditEntry
from app.work import open_work
from tests.integration.ordering.waiting import wait_until
from tests.running import run_program

if TYPE_CHECKING:
    from subprocess import CompletedProcess


def run(*arguments: str) -> CompletedProcess[str]:
    return run_program("flag", *arguments)


@pytest.mark.usefixtures("database")
def test_a_switch_is_put_on_and_off_again() -> None:
    put_on = run("set", "read-only", "on", "--reason", "moving the database")
    assert (put_on.returncode, put_on.stdout) == (0, "read-only is on.\n")
    wait_until(lambda: is_on(READ_ONLY), "this process goes by it")
    line = next(line for line in run("list").stdout.splitlines() if line.startswith("read-only"))
    assert line.split()[1:] == ["on", "set", "here", "kill", "switch", "stays"]
    assert run("set", "read-only", "off", "--reason", "moved").returncode == 0
    wait_until(lambda: not is_on(READ_ONLY), "this process goes by it")
    with open_work() as work:
        entries = work.session.scalars(select(AuditEntry)).all()
    assert [(entry.action, entry.actor_name) for entry in entries] == [
        (AuditAction.FLAG_CHANGED.value, "command line")
    ] * 2


@pytest.mark.usefixtures("database")
def test_what_cannot_be_is_one_sentence_and_an_exit_code() -> None:
    refused = run("set", "stop-mail", "25%", "--reason", "why")
    assert refused.returncode == 1
    assert refused.stderr.strip() == "stop-mail is a kill switch: it is on or off, for everybody."
