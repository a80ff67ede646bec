"""Rules of feature flags: how they are written, whom they fit, and what the settings may say."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from app import flag_cache
from app.config import load_settings, settings
from app.errors import BadInput, Held, Misconfigured
from app.flag_cache import Follower, is_on, refuse_while
from app.flags import (
    CORRECTED_SEARCH,
    FLAGS,
    OFF,
    ON,
    ORDER_CONFIRMATION,
    STOP_MAIL,
    FlagKind,
    Rule,
    overrides,
    parse_rule,
    place_of,
)
from app.services.flags import expired_flags
from app.services.flags.queries import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA = UUID("01890000-0000-7000-8000-000000000001")
CROWD = [UUID(int=number) for number in range(1, 5_001)]


def share(rule: Rule, flag: str = "new-thing") -> float:
    return sum(rule.fits(flag, person_id=person) for person in CROWD) / len(CROWD)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("off", OFF),
        (" ON ", ON),
        ("100%", ON),
        ("0%", OFF),
        ("25%", Rule(percent=25)),
        ("role:operator", Rule(roles=frozenset({"operator"}))),
        (f"person:{ADA}", Rule(people=frozenset({ADA}))),
        (
            f"role:admin, person:{ADA} 10% role:buyer",
            Rule(10, frozenset({"admin", "buyer"}), frozenset({ADA})),
        ),
    ],
)
def test_a_rule_is_read_and_written(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule
    assert parse_rule(str(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        *("", "maybe", "on off", "101%", "-1%", "1.5%", "²%", "%", "10% 20%"),
        *("role:", "person:ada", "person:", "group:x", "off 10%", "9" * 5_000 + "%"),
    ],
)
def test_what_is_no_rule_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_rule(text)
    assert len(refused.value.sentence) < 120


def test_a_percentage_is_as_good_as_its_word() -> None:
    for percent in (1, 10, 50, 90):
        assert share(Rule(percent=percent)) == pytest.approx(percent / 100, abs=0.02)
    assert share(ON) == 1
    assert share(OFF) == 0


def test_whoever_is_in_at_ten_percent_is_in_at_twenty() -> None:
    within = [
        {person for person in CROWD if Rule(percent=percent).fits("f", person_id=person)}
        for percent in range(0, 101, 5)
    ]
    assert all(fewer < more for fewer, more in pairwise(within))


def test_nobody_is_ever_rolled_again() -> None:
    # Figures of the first release: another way to hash would give everybody another place.
    assert [place_of("corrected-search", UUID(int=number)) for number in range(5)] == PLACES


PLACES = [1, 94, 93, 68, 36]


def test_another_flag_takes_other_people_first() -> None:
    both = sum(
        Rule(percent=10).fits("one", person_id=person)
        and Rule(percent=10).fits("other", person_id=person)
        for person in CROWD
    )
    assert both / len(CROWD) == pytest.approx(0.01, abs=0.01)


def test_a_part_that_fits_is_enough_and_nobody_in_particular_is_in_at_everybody_only() -> None:
    rule = Rule(roles=frozenset({"operator"}), people=frozenset({ADA}))
    assert rule.fits("f", person_id=ADA)
    assert rule.fits("f", person_id=uuid4(), roles=("buyer", "operator"))
    assert not rule.fits("f", person_id=uuid4(), roles=("buyer",))
    assert not Rule(99, rule.roles, rule.people).fits("f", person_id=None)
    assert ON.fits("f", person_id=None)


def test_rules_are_said_in_words() -> None:
    rule = Rule(10, frozenset({"admin"}), frozenset({ADA, uuid4()}))
    assert in_words(rule) == "10 % of people, the role admin and 2 people"
    assert (in_words(ON), in_words(OFF)) == ("everybody", "nobody")


def test_every_declaration_is_whole() -> None:
    for name, flag in FLAGS.items():
        assert flag.name == name
        assert flag.owner
        assert flag.description.endswith(".")
        is_switch = flag.kind is FlagKind.KILL_SWITCH
        assert (flag.expires is None) == is_switch
        assert bool(flag.refusal) == is_switch
        assert not (is_switch and flag.default)


def test_a_flag_expires_after_its_day() -> None:
    last_day = CORRECTED_SEARCH.expires
    assert last_day is not None
    assert CORRECTED_SEARCH not in expired_flags(last_day)
    assert CORRECTED_SEARCH in expired_flags(last_day + timedelta(days=1))
    assert STOP_MAIL not in expired_flags(last_day + timedelta(days=10_000))


def test_the_settings_say_on_off_or_a_percentage() -> None:
    entries = load_settings(
        feature_flags="stop-mail, corrected-search=off,order-confirmation = 25%"
    ).feature_flags
    assert overrides(entries) == {
        "stop-mail": ON,
        "corrected-search": OFF,
        "order-confirmation": Rule(percent=25),
    }


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("stop-mial", "stop-mail, stop-syncs, stop-snapshots"),
        ("stop-mail=50%", "kill switch"),
        ("corrected-search=role:admin", "off, on or a percentage"),
        ("corrected-search,corrected-search=off", "twice"),
        ("corrected-search=maybe", "maybe"),
    ],
)
def test_the_program_does_not_start_with_what_the_settings_cannot_mean(
    setting: str, named: str
) -> None:
    with pytest.raises(Misconfigured, match="FEATURE_FLAGS") as refused:
        load_settings(feature_flags=setting)
    assert named in refused.value.sentence


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point to a database that was never reached."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    settings.cache_clear()
    monkeypatch.setattr(flag_cache, "_follower", follower := Follower())
    monkeypatch.setattr(follower, "rules", lambda: None)
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("nowhere")
def test_a_kill_switch_of_which_nothing_is_known_is_on() -> None:
    assert is_on(STOP_MAIL)
    assert is_on(ORDER_CONFIRMATION)
    with pytest.raises(Held, match="Mails are stopped"):
        refuse_while(STOP_MAIL)


def test_without_a_database_everything_is_as_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    # There may be one of the tests before.
    without = settings().model_copy(update={"database_url": None})
    monkeypatch.setattr(flag_cache, "settings", lambda: without)
    assert all(is_on(flag) == flag.default for flag in FLAGS.values())
