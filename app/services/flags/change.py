"""Saying for whom a flag is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.config import settings
from app.errors import BadInput, Conflict, NotFound
from app.flag_cache import CHANNEL
from app.flags import FLAGS, Flag, Rule, check_kind, overrides, parse_rule
from app.models.accounts import PEOPLE_ROLES, Permission, Person
from app.models.columns import now
from app.models.flags import FeatureFlag
from app.services.accounts import Access
from app.services.audit import AuditAction, note
from app.work import goes_on

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

# Open pages that show flags watch this topic.
FLAGS_TOPIC: Final = "flags"
LONGEST_REASON: Final = 500
# A rule is a few parts; a list of people is a role.
MOST_PEOPLE: Final = 100

_MAY_CHANGE: Final = Access(Permission.FLAG_CHANGE)
# Changes are rare, and each notes what was before it: one at a time, and nobody who reads waits.
_ONE_AT_A_TIME: Final = text("LOCK TABLE feature_flag IN SHARE ROW EXCLUSIVE MODE")


@goes_on
def change_flag(work: Work, *, administrator: Viewer, name: str, rule: str, reason: str) -> None:
    """Say for whom the flag `name` is on, as `app.flags` writes it: `on`, `25% role:operator`.

    Every process goes by it within two seconds of the commit. Raises NotAllowed, NotFound for a
    flag that is not declared, BadInput for a rule or reason that cannot be used, and Conflict where
    the settings decide or nothing would change.
    """
    _MAY_CHANGE.check(administrator)
    flag = FLAGS.get(name.strip())
    if flag is None:
        raise NotFound(f"There is no flag {name.strip()[:40]!r}: the flags are {', '.join(FLAGS)}.")
    if flag.name in overrides(settings().feature_flags):
        raise Conflict(f"{flag.name} is set by FEATURE_FLAGS: change it there, and restart.")
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise BadInput(
            f"Say why, in at most {LONGEST_REASON} characters: others will wonder.", field="reason"
        )
    wanted = _checked(work, flag, rule)
    work.session.execute(_ONE_AT_A_TIME)
    row = work.session.get(FeatureFlag, flag.name)
    before = row.rule if row else str(flag.default_rule)
    if before == str(wanted):
        raise Conflict(f"{flag.name} is {before} already.")
    note(
        work,
        AuditAction.FLAG_CHANGED,
        kind="flag",
        id=flag.name,
        title=flag.name,
        before={"rule": before, "reason": row.reason if row else ""},
        after={"rule": str(wanted), "reason": said},
    )
    _write(work, flag, wanted, said, administrator)
    work.touch(FLAGS_TOPIC)


def _checked(work: Work, flag: Flag, text: str) -> Rule:
    """Return the rule that `text` is, with roles and people that there are."""
    try:
        rule = parse_rule(text)
        check_kind(flag, rule)
    except BadInput as problem:
        raise BadInput(problem.sentence, field="rule") from None
    if unknown := sorted(rule.roles - set(PEOPLE_ROLES)):
        known = ", ".join(PEOPLE_ROLES)
        raise BadInput(
            f"There is no role {unknown[0][:40]!r}: the roles are {known}.", field="rule"
        )
    if len(rule.people) > MOST_PEOPLE:
        raise BadInput(f"A rule names at most {MOST_PEOPLE} people.", field="rule")
    known_people = select(col(Person.id)).where(col(Person.id).in_(rule.people))
    if missing := sorted(rule.people - set(work.session.scalars(known_people))):
        raise BadInput(f"There is no person {missing[0]}.", field="rule")
    return rule


def _write(work: Work, flag: Flag, rule: Rule, reason: str, administrator: Viewer) -> None:
    values = {
        "rule": str(rule),
        "reason": reason,
        "changed_by": None if administrator.is_service else administrator.person_id,
        "changed_at": now(),
    }
    work.session.execute(
        insert(FeatureFlag)
        .values(name=flag.name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )
    # Delivered at the commit.
    work.session.execute(select(func.pg_notify(CHANNEL, "")))
