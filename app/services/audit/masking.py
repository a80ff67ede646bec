"""What of a change may stand in the audit: what has changed, without secrets, cut to size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK: Final = "**********"
LONGEST: Final = 2_000
# Names of what nobody may read who did not know it before. A name such as `request_key` is none.
_NAMES: Final = (
    r"secret|passw|token|credential|authori[sz]ation$|cookie|signature"
    r"|(?:api|access|private|maps|signing)[_-]?key"
)
_SECRET: Final = re.compile(_NAMES, re.IGNORECASE)
# The same in an address: a parameter of such a name, and what stands before the host.
_IN_ADDRESS: Final = re.compile(
    rf"(?<=[?&])((?:[^=&#\s]*(?:{_NAMES})[^=&#\s]*|key)=)[^&#\s]+|(?<=://)()[^/@\s]+(?=@)",
    re.IGNORECASE,
)

Values = dict[str, Any]


def changed(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Values | None, Values | None]:
    """Return both as JSON objects, of two only what differs; None where nothing is left."""
    if before is not None and after is not None:
        names = [
            name
            for name in {**before, **after}
            if name not in before or name not in after or before[name] != after[name]
        ]
        before = {name: before[name] for name in names if name in before}
        after = {name: after[name] for name in names if name in after}
    return _masked(before) or None, _masked(after) or None


def _masked(values: Mapping[str, Any] | None) -> Values:
    return {plain(str(name)): _shown(str(name), value) for name, value in (values or {}).items()}


def _shown(name: str, value: object) -> object:
    """Return `value` as JSON. Of a secret only whether there is one is said."""
    if isinstance(value, SecretStr | SecretBytes) or _SECRET.search(name):
        return MASK if value else None
    loose = to_jsonable_python(value, fallback=str, inf_nan_mode="strings")
    if isinstance(loose, dict):
        return _masked(cast("Values", loose))
    if isinstance(loose, list):
        return [_shown("", one) for one in cast("list[object]", loose)]
    return plain(_IN_ADDRESS.sub(rf"\1\2{MASK}", loose)) if isinstance(loose, str) else loose


def plain(text: str, *, longest: int = LONGEST) -> str:
    """Return `text` as Postgres can keep it, in at most `longest` characters."""
    kept = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"
