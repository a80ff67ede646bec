"""What people typed, made fit to be kept, shown and mailed."""

from __future__ import annotations

import unicodedata

from app.errors import BadInput

# Controls could end a mail's header or cheat a terminal; the rest turns the direction of text
# around or cannot be stored at all.
_UNWANTED_KINDS = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def _kept(character: str) -> bool:
    return unicodedata.category(character) not in _UNWANTED_KINDS and character not in _TURNING


def one_line(value: str, *, field: str, limit: int, required: bool = False) -> str:
    """Return `value` on one line, without controls and double spaces.

    Raises BadInput where it is longer than `limit` characters, or empty though `required`.
    """
    plain = "".join(part if _kept(part) else " " for part in value)
    return _bounded(" ".join(plain.split()), field=field, limit=limit, required=required)


def several_lines(value: str, *, field: str, limit: int) -> str:
    """Return `value` with its line breaks and without other controls.

    Raises BadInput where it is longer than `limit` characters.
    """
    unified = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    plain = "".join(part for part in unified if part == "\n" or _kept(part))
    return _bounded(plain.strip(), field=field, limit=limit, required=False)


def _bounded(value: str, *, field: str, limit: int, required: bool) -> str:
    if required and not value:
        raise BadInput(f"Fill in the {field}.", field=field)
    if len(value) > limit:
        raise BadInput(
            f"The {field} has {len(value):,} characters; at most {limit:,} are allowed.",
            field=field,
        )
    return value
