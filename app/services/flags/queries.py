"""What is asked about flags: all of them with their rules, and which should be gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.config import settings
from app.errors import BadInput
from app.flags import EVERYBODY, FLAGS, Flag, Rule, overrides, parse_rule
from app.models.accounts import Person
from app.models.columns import now
from app.models.flags import FeatureFlag
from app.views.flags import FlagView, RuleOrigin

if TYPE_CHECKING:
    from datetime import date

    from app.work import Work


def list_flags(work: Work) -> tuple[FlagView, ...]:
    """Return every declared flag with the rule that holds, kill switches first."""
    found = work.session.execute(
        select(FeatureFlag, col(Person.name)).outerjoin(
            Person, col(Person.id) == col(FeatureFlag.changed_by)
        )
    ).all()
    changed = {row.name: (row, person or "") for row, person in found}
    return tuple(_view(flag, *changed.get(flag.name, (None, ""))) for flag in FLAGS.values())


def expired_flags(today: date | None = None) -> tuple[Flag, ...]:
    """Return the flags that should be gone by now: those whose date lies before `today` (UTC)."""
    moment = today or now().date()
    return tuple(flag for flag in FLAGS.values() if flag.expires and flag.expires < moment)


def _view(flag: Flag, row: FeatureFlag | None, changed_by: str) -> FlagView:
    rule, origin = _rule(flag, row)
    return FlagView(
        name=flag.name,
        kind=flag.kind.value,
        owner=flag.owner,
        description=flag.description,
        default=str(flag.default_rule),
        expires=flag.expires,
        is_expired=flag in expired_flags(),
        rule=str(rule),
        in_words=in_words(rule),
        origin=origin,
        changed_at=row.changed_at if row else None,
        changed_by=changed_by,
        reason=row.reason if row else "",
    )


def _rule(flag: Flag, row: FeatureFlag | None) -> tuple[Rule, RuleOrigin]:
    overridden = overrides(settings().feature_flags).get(flag.name)
    if overridden is not None:
        return overridden, RuleOrigin.SETTINGS
    try:
        if row is not None:
            return parse_rule(row.rule), RuleOrigin.SET
    except BadInput:
        # Written by another version of this program; `app.flag_cache` passes over it too.
        pass
    return flag.default_rule, RuleOrigin.DEFAULT


def in_words(rule: Rule) -> str:
    """Return for whom a rule is, as one says it: `25 % of people, the role admin and 1 person`."""
    if rule.percent >= EVERYBODY:
        return "everybody"
    parts = [f"{rule.percent} % of people"] if rule.percent else []
    parts += [f"the role {role}" for role in sorted(rule.roles)]
    if people := len(rule.people):
        parts.append("1 person" if people == 1 else f"{people} people")
    *most, last = parts or ["nobody"]
    return f"{', '.join(most)} and {last}" if most else last
