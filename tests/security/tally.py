"""What the suite has tried, and what came of it: one line at the end of a run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from app.config import PROJECT_ROOT

FILE: Final = PROJECT_ROOT / "test-results" / "security.json"


@dataclass(slots=True)
class Tally:
    """How much was tried and refused, how often something private came back or anything changed."""

    tried: int = 0
    refused: int = 0
    leaked: int = 0
    changed: int = 0

    def line(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    def keep(self) -> None:
        """Write it where the end of `make test` finds it."""
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(self.line() + "\n")


# A test process has one.
tally: Final = Tally()
