"""Putting flags on and off, and waiting until this process goes by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.flag_cache import rule_of
from app.flags import FLAGS, parse_rule
from app.services.accounts import service_viewer
from app.services.flags import change_flag
from app.work import within
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from app.flags import Flag


def change(flag: Flag, rule: str) -> None:
    """Change a flag as the command line does."""
    within(
        change_flag,
        administrator=service_viewer("command line"),
        name=flag.name,
        rule=rule,
        reason="for a test",
    )


def switch(flag: Flag, rule: str) -> None:
    """Change a flag and wait until this process goes by it."""
    change(flag, rule)
    wait_until(lambda: rule_of(FLAGS[flag.name]) == parse_rule(rule), f"{flag.name} is {rule}")
