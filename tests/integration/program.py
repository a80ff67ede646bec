"""The whole program served in this process, its pages as they are declared but not built.

What a process notes by itself, its settings and once a minute what it refused, is left out: it
would come between what a test does and what the test looks at, and take away what was refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.integration.accounts.provider import free_port, serving
from tests.integration.ordering.waiting import wait_until

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
    """Serve the program until the block ends, keeping page state in `folder`; yields its port.

    It hears announcements from the beginning.
    """
    from state.audit import keep_noting  # noqa: PLC0415 - loads the pages' framework, as the next
    from state.live import hub  # noqa: PLC0415 - the same

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REFLEX_WEB_WORKDIR", str(folder / "web"))
        patch.setenv("REFLEX_STATES_WORKDIR", str(folder / "states"))
        patch.setenv("__REFLEX_SKIP_COMPILE", "true")
        app, assembled = _assembled()
        patch.delitem(app._lifespan_tasks, keep_noting)  # noqa: SLF001 - Reflex lets nobody take one back  # pyright: ignore[reportPrivateUsage] - the same
        port = free_port()
        with serving(assembled, port):
            wait_until(lambda: hub.is_told, "the program hears no announcements")
            yield port, app
