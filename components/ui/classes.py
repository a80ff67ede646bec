"""Class names from parts, any of which may be a Var."""

from __future__ import annotations

import reflex as rx


def classes(*names: str | rx.Var[str] | None) -> str | rx.Var[str]:
    """Join class names with spaces, leaving out the empty ones; a Var makes the result a Var."""
    kept = [name for name in names if isinstance(name, rx.Var) or name]
    joined = " ".join(f"{name}" for name in kept)
    if any(isinstance(name, rx.Var) for name in kept):
        return rx.Var.create(joined).to(str)
    return joined


def either(condition: bool | rx.Var[bool], yes: str, no: str = "") -> str | rx.Var[str]:  # noqa: FBT001 - reads as a question
    """Return `yes` or `no` by a condition that may be a Var."""
    if isinstance(condition, bool):
        return yes if condition else no
    return rx.cond(condition, yes, no)
