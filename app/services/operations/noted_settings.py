"""Noting in the audit with which settings a process of the program started, where they changed.

Of a secret only a salted digest is kept, slow to make, so that it tells a change and nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import col

from app.config import DEFAULT, Settings, settings
from app.models.audit import AuditAction
from app.models.operations import NotedSetting
from app.services.audit import note
from app.services.operations.setting_rows import NOT_SET, setting_rows

if TYPE_CHECKING:
    from app.work import Work

SALT_BYTES: Final = 16
# Some 10 ms each.
SCRYPT: Final = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}

Said = str | SecretStr | None


def note_settings(work: Work, *, process: str, given: Settings | None = None) -> None:
    """Note which settings `process` has now that differ from those it had when last started.

    At its first start those that are not the defaults.
    """
    given = given or settings()
    # Several of the same kind start at once; the first one notes it.
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"settings:{process}"))))
    mine = col(NotedSetting.process) == process
    known = {row.name: row for row in work.session.scalars(select(NotedSetting).where(mine))}
    is_first = not known
    before: dict[str, Said] = {}
    after: dict[str, Said] = {}
    for shown in setting_rows(given):
        last = known.pop(shown.name, None)
        row = _noted(given, process, shown.name, shown.value, salt=last.salt if last else None)
        if last and (last.shown, last.digest) == (row.shown, row.digest):
            continue
        if last:
            before[shown.name] = _said(last)
        if not is_first or shown.source != DEFAULT:
            after[shown.name] = _said(row)
        work.session.merge(row)
    for name, last in known.items():
        before[name] = _said(last)
        work.session.delete(last)
    if not (before or after):
        return
    note(
        work,
        AuditAction.SETTINGS_CHANGED,
        kind="settings",
        id=process,
        title=f"Settings of {process}",
        before=None if is_first else before,
        after=after,
    )


def _noted(
    given: Settings, process: str, name: str, shown: str, *, salt: bytes | None
) -> NotedSetting:
    value = getattr(given, name.lower())
    if not isinstance(value, SecretStr):
        return NotedSetting(process=process, name=name, shown=shown)
    salt = salt or secrets.token_bytes(SALT_BYTES)
    digest = hashlib.scrypt(value.get_secret_value().encode(), salt=salt, **SCRYPT)
    return NotedSetting(process=process, name=name, shown=shown, salt=salt, digest=digest)


def _said(row: NotedSetting) -> Said:
    """Return what is noted of it; of a secret only that there is one, and whether it is another."""
    if row.shown == NOT_SET:
        return None
    return SecretStr(row.digest.hex()) if row.digest else row.shown
