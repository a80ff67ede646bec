"""What an event may carry: values of the types that its handler names, and not without end.

Reflex converts what it can and hands on what it cannot: a handler would get a fraction where it
says `int`. Here the annotations hold.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from reflex_base.utils.form import form_data_as_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The longest form has a note of a few thousand letters; this is room for every letter escaped.
LONGEST_PAYLOAD: Final = 64 * 1024
# What the database can hold; beyond it a statement would fail.
Whole: TypeAlias = Annotated[int, Field(ge=-(2**63), lt=2**63)]


@lru_cache(maxsize=512)
def _shape_of(handler: Callable[..., object]) -> type[BaseModel]:
    hints = get_type_hints(handler)
    fields: dict[str, Any] = {
        name: (
            Whole if (hint := hints.get(name, Any)) is int else hint,
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for name, parameter in list(inspect.signature(handler).parameters.items())[1:]
    }
    return create_model("Payload", __config__=ConfigDict(extra="forbid", strict=True), **fields)


def complaint_about(
    handler: Callable[..., object], payload: Mapping[str, object] | None
) -> str | None:
    """Return what is wrong with the payload of an event, None where it is as its handler says.

    JSON knows neither UUIDs nor tuples: texts and lists may stand for them.
    """
    # Reflex takes an event without a payload in, and falls over it later.
    if payload is None:
        return "it carries nothing"
    try:
        written = orjson.dumps({name: form_data_as_dict(given) for name, given in payload.items()})
        if len(written) > LONGEST_PAYLOAD:
            return f"it is longer than {LONGEST_PAYLOAD:,} bytes"
        _shape_of(handler).model_validate_json(written)
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    except (TypeError, ValueError):
        return "it cannot be written as JSON"
    return None
