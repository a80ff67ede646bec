"""What docs/audit.md tells people to do without this program does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.config import PROJECT_ROOT
from app.models.audit import AuditAction
from app.services.audit import newest_entry, note
from app.work import open_work, within
from tests.factories.database import as_owner, unguarded_audit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("database")
ODD = 'Zoë "quoted" \\ \n\r\t\x01\x02\x08\x1f\x7f\x85\u2028 \U0001f40c'


def told(pattern: str) -> str:
    found = re.search(pattern, (PROJECT_ROOT / "docs" / "audit.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """Copy the entries and check them, both as told."""
    query = told(r"\n\\copy ([^\n]+)\n").replace("'audit.tsv'", "STDOUT")
    with (
        as_owner() as connection,
        connection.cursor().copy(f"COPY {query}".encode()) as rows,
        (folder / "audit.tsv").open("wb") as file,
    ):
        for row in rows:
            file.write(row)
    return subprocess.run(
        [sys.executable, "-c", told(r"```python\n(.*?)```")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def noted(database: None) -> None:  # noqa: ARG001 - where it is written
    """Note some deeds on something with an odd name."""
    with open_work() as work:
        for number in range(3):
            after = {"name": ODD, "n": number}
            note(work, AuditAction.FEED_CHANGED, kind="feed", id="1", title=ODD, after=after)


def test_the_chain_can_be_checked_without_this_program(tmp_path: Path) -> None:
    newest = within(newest_entry)
    assert newest
    assert checked(tmp_path).stdout == f"3 entries, {newest.hash.hex()}\n"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entry SET action = 'x' WHERE sequence = 2", "entry 2 was changed"),
        ("DELETE FROM audit_entry WHERE sequence = 2", "entry 2 is missing"),
    ],
)
def test_and_what_is_wrong_is_said(tmp_path: Path, statement: str, said: str) -> None:
    with as_owner() as connection, connection.transaction(), unguarded_audit(connection):
        connection.execute(statement.encode())
    assert said in checked(tmp_path).stderr
