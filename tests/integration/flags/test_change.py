"""Who changes a flag, what is refused, and what is noted and shown of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.config import settings
from app.errors import AppError, BadInput, Conflict, NotAllowed, NotFound
from app.flags import CORRECTED_SEARCH, FLAGS, STOP_MAIL
from app.models.accounts import Role
from app.models.audit import AuditAction, AuditEntry
from app.models.flags import FeatureFlag
from app.services import flags
from app.services.operations import doctor
from app.views.accounts import Viewer
from app.views.flags import FlagView, RuleOrigin
from app.work import Work, open_work, reading, within
from tests.factories.ordering import a_viewer
from tests.integration.flags.switching import change


@pytest.fixture
def administrator(work: Work) -> Viewer:
    found = a_viewer(work.session, Role.ADMIN, "Grace Hopper")
    work.session.commit()
    return found


def view_of(name: str) -> FlagView:
    return next(flag for flag in reading(flags.list_flags) if flag.name == name)


def entries() -> list[AuditEntry]:
    with open_work() as work:
        wanted = col(AuditEntry.action) == AuditAction.FLAG_CHANGED.value
        return list(work.session.scalars(select(AuditEntry).where(wanted)))


def test_a_change_is_kept_shown_and_noted(administrator: Viewer) -> None:
    for rule in ("25%", f"10% role:operator person:{administrator.person_id}"):
        within(
            flags.change_flag,
            administrator=administrator,
            name="corrected-search",
            rule=rule,
            reason="  step by\n step ",
        )
    shown = view_of("corrected-search")
    assert shown.rule == f"10% role:operator person:{administrator.person_id}"
    assert shown.in_words == "10 % of people, the role operator and 1 person"
    assert (shown.origin, shown.is_changeable) == (RuleOrigin.SET, True)
    assert (shown.changed_by, shown.reason) == ("Grace Hopper", "step by step")
    first, second = entries()
    assert (first.before, first.after) == (
        {"rule": "on", "reason": ""},
        {"rule": "25%", "reason": "step by step"},
    )
    assert second.before == {"rule": "25%"}
    assert (first.subject_kind, first.subject_id) == ("flag", "corrected-search")


@pytest.mark.parametrize(
    ("asked", "kind", "named"),
    [
        (("stop-mial", "on", "why"), NotFound, "stop-mail, stop-syncs"),
        (("stop-mail", "50%", "why"), BadInput, "kill switch"),
        (("stop-mail", "on", " "), BadInput, "Say why"),
        (("stop-mail", "on", "x" * 501), BadInput, "Say why"),
        (("stop-mail", "off", "why"), Conflict, "off already"),
        (("corrected-search", "sometimes", "why"), BadInput, "no part of a rule"),
        (("corrected-search", "role:king", "why"), BadInput, "buyer, operator, admin"),
        (("corrected-search", "role:service", "why"), BadInput, "no role"),
        (("corrected-search", f"person:{uuid4()}", "why"), BadInput, "no person"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_changes_nothing(
    administrator: Viewer, asked: tuple[str, str, str], kind: type[AppError], named: str
) -> None:
    name, rule, reason = asked
    with pytest.raises(kind) as refused:
        within(flags.change_flag, administrator=administrator, name=name, rule=rule, reason=reason)
    assert named in refused.value.sentence
    with open_work() as work:
        assert not work.session.scalars(select(FeatureFlag)).all()
    assert not entries()


@pytest.mark.parametrize("role", [Role.BUYER, Role.OPERATOR])
def test_only_administrators_change_flags(work: Work, role: Role) -> None:
    with pytest.raises(NotAllowed):
        flags.change_flag(
            work,
            administrator=a_viewer(work.session, role),
            name="stop-mail",
            rule="on",
            reason="why",
        )


def test_what_the_settings_say_holds_and_cannot_be_changed_here(
    administrator: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(STOP_MAIL, "on")
    try:
        monkeypatch.setenv("FEATURE_FLAGS", "stop-mail=off")
        settings.cache_clear()
        shown = view_of("stop-mail")
        assert (shown.rule, shown.origin, shown.is_changeable) == (
            "off",
            RuleOrigin.SETTINGS,
            False,
        )
        with pytest.raises(Conflict, match="FEATURE_FLAGS"):
            within(
                flags.change_flag,
                administrator=administrator,
                name="stop-mail",
                rule="off",
                reason="why",
            )
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.usefixtures("database")
def test_a_rule_of_another_version_of_the_program_counts_as_none() -> None:
    with open_work() as work:
        work.session.add(FeatureFlag(name="corrected-search", rule="moon:full", reason="later"))
    assert view_of("corrected-search").origin is RuleOrigin.DEFAULT


@pytest.mark.usefixtures("database")
def test_an_expired_flag_is_shown_and_named_by_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    check = next(check for check in doctor.CHECKS if check.name == "feature flags")
    # Their own days come sooner or later.
    for flag in [*FLAGS.values()]:
        monkeypatch.setitem(FLAGS, flag.name, replace(flag, expires=flag.expires and date.max))
    assert "none expired" in check.ask()
    assert not view_of("corrected-search").is_expired
    long_ago = replace(CORRECTED_SEARCH, expires=date(2020, 6, 30))
    monkeypatch.setitem(FLAGS, "corrected-search", long_ago)
    assert view_of("corrected-search").is_expired
    with pytest.raises(AppError, match="corrected-search \\(2020-06-30, catalogue\\)"):
        check.ask()
