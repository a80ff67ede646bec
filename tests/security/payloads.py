"""What an attacker sends with an event: what fits its signature, what does not, and what is odd."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, get_args, get_type_hints
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SQL = "'; DROP TABLE person; --"
HTML = '<img src=x onerror="alert(1)"><script>alert(1)</script>'
HUGE = "x" * 70_000


def nested(depth: int) -> object:
    """Return a list in a list in a list."""
    inner: object = "deep"
    for _ in range(depth):
        inner = [inner]
    return inner


# In place of any value, whatever its type should be. NaN is what Python's JSON calls it.
ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    2**63,
    2**70,
    1.5,
    float("nan"),
    "",
    "\x00",
    "٣",
    SQL,
    HTML,
    HUGE,
    [],
    {},
    nested(200),
    {"__proto__": {"is_admin": True}},
)


def payloads(
    handler: Callable[..., object], numbers: Sequence[int], ids: Sequence[str]
) -> Iterator[object]:
    """Yield payloads for a handler; `numbers` and `ids` are those of another person's things."""
    hints = get_type_hints(handler)
    names = list(inspect.signature(handler).parameters)[1:]
    hints = {name: hints.get(name, object) for name in names}
    yield {}
    yield {"self": {"id": 1}, **dict.fromkeys(names)}
    yield {"extra": "x", "roles": ["admin"], "person_id": ids[0]}
    yield from (None, [], "text", 7)
    if not names:
        return
    fitting = {name: list(_fitting(hint, numbers, ids)) for name, hint in hints.items()}
    for place in range(max(len(values) for values in fitting.values())):
        yield {name: values[place % len(values)] for name, values in fitting.items()}
    for name in names:
        first = {other: values[0] for other, values in fitting.items()}
        for odd in ODD:
            yield {**first, name: odd}


def _fitting(hint: Any, numbers: Sequence[int], ids: Sequence[str]) -> Iterator[object]:
    """Yield values of the type that a handler names, all of them somebody else's or dangerous."""
    kinds = {hint, getattr(hint, "__origin__", hint), *get_args(hint)}
    if UUID in kinds:
        yield from ids
    elif bool in kinds:
        yield from (True, False)
    elif int in kinds:
        yield from (*numbers, 0, -1, 2**31, 2**63 - 1)
    elif float in kinds:
        yield from (60.17, -91.0, 1e308)
    elif dict in kinds:
        yield {"latitude": "60.17", "longitude": "24.94"}
        yield from ({}, {"address_id": ids[0]}, {"ship_to": ids[0]}, {"reason": SQL}, {"a": HTML})
        for number in numbers:
            yield {"number": str(number), "reason": "because", "key": str(number)}
    elif list in kinds:
        yield from (list(ids), [], [SQL])
    else:
        yield from (*ids, *(str(number) for number in numbers), SQL, HTML, "../../etc/passwd")
