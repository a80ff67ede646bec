"""Single values of a record: what is taken, what is mended, and what is refused with its reason."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

SHOWN = 60
# Postgres keeps no such character.
NUL = "\x00"
LONGEST_ID = 200
LONGEST_LINE = 500
LONGEST_TEXT = 20_000
MOST_PIECES = 2_147_483_647
MOST_PICTURES = 12
MOST_ATTRIBUTES = 100
_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*", re.ASCII)
_COMPLETE = re.compile(r"https?://[^\s/]\S*")


class Rejected(Exception):
    """A record that cannot be taken; says which field and why, in one sentence."""

    def __init__(self, field: str, why: str) -> None:
        """Keep the sentence."""
        super().__init__(f"{field}: {why}.")


def shown(value: object) -> str:
    """Return `value` as a sentence quotes it, shortened."""
    text = value if isinstance(value, str) else repr(value)
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return f'"{short}"'


def _as_text(value: Any, field: str) -> str:  # noqa: ANN401 - any JSON
    if type(value) is str:
        return value
    if type(value) in {int, float}:
        return str(value)
    raise Rejected(field, f"{shown(value)} is not text")


def line(
    value: Any,  # noqa: ANN401 - any JSON
    field: str,
    longest: int = LONGEST_LINE,
) -> str | None:
    """Return a text of one line without doubled spaces, None for nothing."""
    if value is None:
        return None
    text = " ".join((value if type(value) is str else _as_text(value, field)).split())
    if NUL in text:
        text = " ".join(text.replace(NUL, "").split())
    if len(text) > longest:
        raise Rejected(field, f"{shown(text)} is longer than {longest} characters")
    return text or None


def needed_line(
    value: Any,  # noqa: ANN401 - any JSON
    field: str,
    longest: int = LONGEST_LINE,
) -> str:
    """Return a text of one line that has to be there."""
    text = line(value, field, longest)
    if text is None:
        raise Rejected(field, "there is no value")
    return text


def identifier(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return what the supplier knows a record by: a text or a whole number."""
    if type(value) is float:
        raise Rejected("external_id", f"{shown(value)} is not a whole number")
    return needed_line(value, "external_id", LONGEST_ID)


def paragraphs(value: Any, field: str) -> str:  # noqa: ANN401 - any JSON
    """Return a text of any number of lines, empty for nothing."""
    if value is None:
        return ""
    text = _as_text(value, field).replace(NUL, "").strip()
    if len(text) > LONGEST_TEXT:
        raise Rejected(field, f"{shown(text)} is longer than {LONGEST_TEXT} characters")
    return text


def pieces(value: Any, field: str) -> int | None:  # noqa: ANN401 - any JSON
    """Return a number of pieces, None for nothing. Less than none (a backlog) is none."""
    if type(value) is int:
        number = value
    elif value is None or value == "":
        return None
    elif (type(value) is float and value.is_integer()) or (
        type(value) is str and _WHOLE.fullmatch(value)
    ):
        number = int(value)
    else:
        raise Rejected(field, f"{shown(value)} is not a whole number of pieces")
    if number > MOST_PIECES:
        raise Rejected(field, f"{shown(value)} is more than can be")
    return max(number, 0)


def picture_addresses(value: Any, base: str) -> list[str]:  # noqa: ANN401 - any JSON
    """Return the addresses of pictures, absolute and each once; relative ones start at `base`."""
    if not value:
        return []
    given: list[Any] = value if type(value) is list else [value]
    found: dict[str, None] = {}
    for one in given[:MOST_PICTURES]:
        if one is None or one == "":
            continue
        if type(one) is not str:
            raise Rejected("pictures", f"{shown(one)} is not an address")
        found[_absolute(one.strip(), base)] = None
    return list(found)


def _absolute(address: str, base: str) -> str:
    if _COMPLETE.fullmatch(address):
        return address
    try:
        joined = urljoin(base, address)
    except ValueError:
        joined = ""
    if not _COMPLETE.fullmatch(joined):
        raise Rejected("pictures", f"{shown(address)} is not an address")
    return joined


def attributes(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """Return labels and texts from an object or a list of `{label, value}`, without empty ones."""
    if not value:
        return {}
    if type(value) is list:
        value = {_part(entry, "label"): _part(entry, "value") for entry in value}
    if type(value) is not dict:
        raise Rejected("attributes", f"{shown(value)} is neither an object nor a list")
    found: dict[str, str] = {}
    for label, given in value.items():
        text = given if type(given) is str else _attribute_text(given)
        if text and label:
            found[str(label)[:LONGEST_ID]] = text[:LONGEST_LINE]
    if len(found) > MOST_ATTRIBUTES:
        raise Rejected("attributes", f"there are more than {MOST_ATTRIBUTES}")
    return found


def _part(entry: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    if type(entry) is not dict:
        raise Rejected("attributes", f"{shown(entry)} is not a label with a value")
    return entry.get(name)


def _attribute_text(value: Any) -> str:  # noqa: ANN401 - any JSON
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(filter(None, map(_attribute_text, value)))
        case dict():
            return ", ".join(f"{name} {_attribute_text(inner)}" for name, inner in value.items())
    return str(value)
