"""JMESPath, compiled once per sync.

The library walks a tree for every record and field: 1.2 µs for a plain name, 2.4 for `a.b`, and a
mapping has a dozen of them. Names, paths of names, fixed positions and constants therefore become
plain functions (0.1 µs); everything else runs through the library.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Getter = Callable[[Any], Any]

__all__ = ["Expression", "JMESPathError", "compile_expression"]


def _checked(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as problem:
        msg = f"{text!r} is not JMESPath: {str(problem).splitlines()[0]}"
        raise ValueError(msg) from None
    return text


Expression = Annotated[str, AfterValidator(_checked)]


def _field(name: str) -> Getter:
    def get(record: Any) -> Any:  # noqa: ANN401 - any JSON
        return record.get(name) if type(record) is dict else None

    return get


def _position(number: int) -> Getter:
    def get(record: Any) -> Any:  # noqa: ANN401 - any JSON
        if type(record) is not list or not -len(record) <= number < len(record):
            return None
        return record[number]

    return get


def _chain(first: Getter, second: Getter) -> Getter:
    def get(record: Any) -> Any:  # noqa: ANN401 - any JSON
        return second(first(record))

    return get


def _itself(record: Any) -> Any:  # noqa: ANN401 - any JSON
    return record


def _always(value: Any) -> Getter:  # noqa: ANN401 - any JSON
    return lambda _record: value


def _direct(node: Mapping[str, Any]) -> Getter | None:
    """Return the function of a syntax tree, None where only the library knows what it means."""
    match node:
        case {"type": "field", "value": str(name)}:
            return _field(name)
        case {"type": "index", "value": int(number)}:
            return _position(number)
        case {"type": "literal", "value": value}:
            return _always(value)
        case {"type": "current"} | {"type": "identity"}:
            return _itself
        case {"type": "subexpression" | "index_expression", "children": list(steps)}:
            getters = [_direct(step) for step in steps]
            known = [getter for getter in getters if getter]
            return reduce(_chain, known) if len(known) == len(getters) else None
    return None


def compile_expression(text: str) -> Getter:
    """Return the function that evaluates a valid expression on a record; None means no value.

    What it returns raises JMESPathError where a function of the expression is given a wrong type.
    """
    parsed = jmespath.compile(text)
    return _direct(parsed.parsed) or parsed.search
