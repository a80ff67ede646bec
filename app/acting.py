"""Who acts, and from where: said at every door, read where it is noted what was done.

A door is what lets an event, a request, a job or a command in. What runs behind it sees the actor,
in worker threads too; it decides nothing by it, for that every use case is told who asks.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ActorKind(StrEnum):
    """What kind of actor it is; `nobody` is somebody who is not signed in."""

    PERSON = "person"
    SERVICE = "service"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does what is being done.

    `id` is a person's id or a service's name, "" for nobody; `address` the network address it came
    from, "" where there is none; `trace_id` stands in everything noted about this one doing.
    """

    kind: ActorKind
    id: str
    name: str
    address: str
    trace_id: str


UNKNOWN: Final = Actor(ActorKind.NOBODY, id="", name="", address="", trace_id="")

_actor: ContextVar[Actor] = ContextVar("actor", default=UNKNOWN)


def actor() -> Actor:
    """Return who acts now."""
    return _actor.get()


def acts(
    *,
    kind: ActorKind,
    id: str = "",  # noqa: A002 - the field's own word
    name: str = "",
    address: str = "",
    trace_id: str = "",
) -> None:
    """Say who acts in this task from now on, under a new trace where none is given."""
    _actor.set(Actor(kind, id, name, address, trace_id or secrets.token_hex(8)))


def service_acts(name: str) -> None:
    """Say that a service of this program acts from now on: a worker, a command."""
    acts(kind=ActorKind.SERVICE, id=name, name=name)
