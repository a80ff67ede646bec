"""The settings as they may be shown: value, where it came from, and of secrets only whether set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from pydantic import AnyHttpUrl, SecretStr

from app.config import Settings, settings
from app.views.operations import SettingRow

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

NOT_SET: Final = "not set"
SET: Final = "set"


def setting_rows(given: Settings | None = None) -> tuple[SettingRow, ...]:
    """Return every setting of this process, or those given, in the order of the class."""
    given = given or settings()
    return tuple(
        SettingRow(
            name=name.upper(),
            value=_shown(getattr(given, name), field),
            source=given.source_of(name),
            description=field.description or "",
            is_secret=_is_secret(field),
        )
        for name, field in Settings.model_fields.items()
    )


def _shown(value: object, field: FieldInfo) -> str:
    if value is None or value == frozenset():
        return NOT_SET
    if _is_secret(field):
        return SET
    if isinstance(value, AnyHttpUrl):
        return _without_password(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of whatever it is made
    return str(value)


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def _without_password(url: AnyHttpUrl) -> str:
    """Return an address without what somebody may have written before the @ in it."""
    written = str(url)
    if not (url.username or url.password):
        return written
    return f"{url.scheme}://…@{written.rpartition('@')[2]}"
