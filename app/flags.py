"""The feature flags of this program: each is declared here, and nowhere else.

A feature flag lets a new thing out step by step and goes away with it: it has a date by which it
should be gone. A kill switch stops something at once, for everybody, and stays.

Declared, a flag has its default. Administrators give it a rule, and so does FEATURE_FLAGS:

    off                     for nobody
    on                      for everybody
    25%                     for a quarter of the people who sign in, always the same ones
    role:operator           for who has that role
    person:<id>             for that person
    10% role:admin          for whoever one of the parts fits

Of a flag the first of these holds: FEATURE_FLAGS, what an administrator has set, its default.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class FlagKind(StrEnum):
    """What a flag is for."""

    FEATURE = "feature"
    KILL_SWITCH = "kill switch"


@dataclass(frozen=True, slots=True)
class Flag:
    """A declared flag. `default` holds until somebody says otherwise.

    `expires` is the day by which a feature's flag should be gone, None for a kill switch; `refusal`
    what somebody is told whom a kill switch stops.
    """

    name: str
    kind: FlagKind
    owner: str
    default: bool
    description: str
    expires: date | None = None
    refusal: str = ""

    @property
    def default_rule(self) -> Rule:
        """The rule that holds until somebody says otherwise."""
        return ON if self.default else OFF


@dataclass(frozen=True, slots=True)
class Rule:
    """For whom a flag is on: for whoever one of the parts fits.

    `percent` is the share of people who sign in, from 0 to 100, of which 100 is everybody, signed
    in or not.
    """

    percent: int = 0
    roles: frozenset[str] = frozenset()
    people: frozenset[UUID] = frozenset()

    def fits(self, flag: str, *, person_id: UUID | None, roles: Iterable[str] = ()) -> bool:
        """Tell whether `flag` is on for somebody; without an id, for nobody in particular."""
        if self.percent >= EVERYBODY:
            return True
        if person_id is None:
            return False
        return (
            person_id in self.people
            or not self.roles.isdisjoint(roles)
            or place_of(flag, person_id) < self.percent
        )

    def __str__(self) -> str:
        """Return the rule as `parse_rule` reads it."""
        if self.percent >= EVERYBODY:
            return "on"
        parts = [f"{self.percent}%"] if self.percent else []
        parts += [f"role:{role}" for role in sorted(self.roles)]
        parts += [f"person:{person_id}" for person_id in sorted(self.people)]
        return " ".join(parts) or "off"


EVERYBODY: Final = 100
ON: Final = Rule(percent=EVERYBODY)
OFF: Final = Rule()


def place_of(flag: str, person_id: UUID) -> int:
    """Return the person's place among a hundred, from 0: the same for this flag at all times.

    Whoever is in at 10 % is therefore in at 20 %; another flag takes other people first.
    """
    digest = hashlib.sha256(f"{flag}:{person_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % EVERYBODY


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises BadInput with what is wrong with it."""
    parts = text.lower().replace(",", " ").split()
    if not parts:
        raise BadInput("Say for whom the flag is on: off, on, 25%, role:… or person:….")
    if (whole := {"on": ON, "off": OFF}.get(parts[0])) is not None:
        if len(parts) > 1:
            raise BadInput(f"After {parts[0]} nothing else can stand.")
        return whole
    rule = OFF
    for part in parts:
        rule = _with(rule, part)
    return rule


def _with(rule: Rule, part: str) -> Rule:
    kind, _, value = part.partition(":")
    if part.endswith("%"):
        if rule.percent:
            raise BadInput("A rule has one percentage.")
        return replace(rule, percent=_percent(part))
    if kind == "role" and value:
        return replace(rule, roles=rule.roles | {value})
    if kind == "person" and value:
        return replace(rule, people=rule.people | {_person(value)})
    raise BadInput(f"{part[:40]} is no part of a rule: use off, on, 25%, role:… or person:….")


def _percent(part: str) -> int:
    figures = part.removesuffix("%")
    if not (figures.isascii() and figures.isdigit() and len(figures) <= len(str(EVERYBODY))):
        raise BadInput("A percentage is a whole number from 0% to 100%.")
    if int(figures) > EVERYBODY:
        raise BadInput("A percentage is a whole number from 0% to 100%.")
    return int(figures)


def _person(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise BadInput("A person is named by the id that their page shows.") from None


def known_entries(setting: str) -> frozenset[str]:
    """Return the entries of the setting FEATURE_FLAGS, which are separated by commas.

    Raises ValueError with what is wrong with one.
    """
    entries = frozenset(part.strip() for part in setting.split(",") if part.strip())
    try:
        overrides(entries)
    except BadInput as problem:
        raise ValueError(problem.sentence) from None
    return entries


@lru_cache(maxsize=8)
def overrides(entries: frozenset[str]) -> Mapping[str, Rule]:
    """Read entries of FEATURE_FLAGS: `name`, which is on, or `name=` off, on or a percentage.

    Raises BadInput for a flag that nobody has declared, and for a rule that cannot be used there.
    """
    found: dict[str, Rule] = {}
    for entry in sorted(entries):
        name, _, text = (part.strip() for part in entry.partition("="))
        flag = FLAGS.get(name)
        if flag is None:
            raise BadInput(f"there is no flag {name!r}: the flags are {', '.join(FLAGS)}")
        if name in found:
            raise BadInput(f"{name} is named twice")
        rule = parse_rule(text or "on")
        if rule.roles or rule.people:
            raise BadInput(f"{name} can be off, on or a percentage here")
        check_kind(flag, rule)
        found[name] = rule
    return found


def check_kind(flag: Flag, rule: Rule) -> None:
    """Raise BadInput for a kill switch that would be on for some and off for others."""
    if flag.kind is FlagKind.KILL_SWITCH and rule not in {ON, OFF}:
        raise BadInput(f"{flag.name} is a kill switch: it is on or off, for everybody.")


CORRECTED_SEARCH: Final = Flag(
    "corrected-search",
    FlagKind.FEATURE,
    owner="catalogue",
    default=True,
    expires=date(2027, 6, 30),
    description="A word that no product has is searched as the word of the catalogue that looks "
    "most like it. Off: it is searched as it was typed.",
)
ORDER_CONFIRMATION: Final = Flag(
    "order-confirmation",
    FlagKind.FEATURE,
    owner="ordering",
    default=True,
    expires=date(2027, 6, 30),
    description="Whoever orders gets a mail that says what was ordered. Off: the order's page "
    "alone says so.",
)
STOP_MAIL: Final = Flag(
    "stop-mail",
    FlagKind.KILL_SWITCH,
    owner="operations",
    default=False,
    description="No mail leaves. Orders can be placed, and their mails wait until it is off.",
    refusal="Mails are stopped by an administrator.",
)
STOP_SYNCS: Final = Flag(
    "stop-syncs",
    FlagKind.KILL_SWITCH,
    owner="operations",
    default=False,
    description="No feed is read. A sync that is under way ends at its next page and changes "
    "nothing; what was due meanwhile is synced once when it is off.",
    refusal="Syncs are stopped by an administrator.",
)
STOP_SNAPSHOTS: Final = Flag(
    "stop-snapshots",
    FlagKind.KILL_SWITCH,
    owner="operations",
    default=False,
    description="No snapshot is taken. One that is under way ends and is taken once it is off.",
    refusal="Snapshots are stopped by an administrator.",
)
READ_ONLY: Final = Flag(
    "read-only",
    FlagKind.KILL_SWITCH,
    owner="operations",
    default=False,
    description="Nobody can change anything, and jobs wait. Reading, sessions and flags go on.",
    refusal="Changes are paused for maintenance; nothing was changed. Try again later.",
)

_SWITCHES: Final = (STOP_MAIL, STOP_SYNCS, STOP_SNAPSHOTS, READ_ONLY)
_FEATURES: Final = (CORRECTED_SEARCH, ORDER_CONFIRMATION)
FLAGS: Final[Mapping[str, Flag]] = {flag.name: flag for flag in (*_SWITCHES, *_FEATURES)}
