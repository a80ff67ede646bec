"""The whole program served in this process, its pages as they are declared but not built."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.integration.accounts.provider import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reflex import App
    from starlette.types import ASGIApp


@cache
def _assembled() -> tuple[App, ASGIApp]:
    """Put the program together, which can be done once per process."""
    from app.app import app  # noqa: PLC0415 - reads the settings of the fixtures before

    return app, app()


@contextmanager
def serving_program(folder: Path) -> Iterator[tuple[int, App]]:
    """Serve the program until the block ends, keeping page state in `folder`; yields its port."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REFLEX_WEB_WORKDIR", str(folder / "web"))
        patch.setenv("REFLEX_STATES_WORKDIR", str(folder / "states"))
        patch.setenv("__REFLEX_SKIP_COMPILE", "true")
        app, assembled = _assembled()
        port = free_port()
        with serving(assembled, port):
            yield port, app
