"""What pages and the command line show of feature flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RuleOrigin(StrEnum):
    """Where the rule of a flag comes from, the strongest first."""

    SETTINGS = "from the settings"
    SET = "set here"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag with the rule that holds. `kind` is "feature" or "kill switch".

    `rule` is as one writes it, `in_words` as one says it. `changed_at`, `changed_by` ("" for
    nobody) and `reason` are of the last change, also where the settings hold in its place.
    """

    name: str
    kind: str
    owner: str
    description: str
    default: str
    expires: date | None
    is_expired: bool
    rule: str
    in_words: str
    origin: RuleOrigin
    changed_at: datetime | None
    changed_by: str
    reason: str

    @property
    def is_changeable(self) -> bool:
        """Whether `change_flag` can change it: what the settings say, they alone can change."""
        return self.origin is not RuleOrigin.SETTINGS
