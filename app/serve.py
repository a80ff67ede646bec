"""`python -m app.serve`: the web process, over pages that were built before.

`reflex run` would compile and build again at each start and each restart after a crash.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

from reflex.utils.exec import run_backend_prod
from reflex_base import constants
from reflex_base.environment import environment

from app.config import settings

PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Serve this program as its settings say."""
    configured = settings()
    serve(
        # In a container it is the container that decides who gets in.
        "127.0.0.1" if configured.uses_development_services else "0.0.0.0",  # noqa: S104 - see above
        configured.app_port,
        processes=configured.web_processes,
    )


def serve(host: str, port: int, *, processes: int) -> None:
    """Serve pages, events and REST of the Reflex program in this folder until a signal ends it.

    Its built pages lie where `REFLEX_WEB_WORKDIR` says.
    """
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(value=True)
    os.environ["GRANIAN_WORKERS"] = str(processes)  # noqa: TID251 - Granian's own
    # Its allocator's: each websocket holds a buffer of 128 kB, which goes back when it closes.
    os.environ["_RJEM_MALLOC_CONF"] = "dirty_decay_ms:0,muzzy_decay_ms:0"  # noqa: TID251 - the same
    _workers_die_with_us()
    run_backend_prod(host, port, constants.LogLevel.WARNING, mount_frontend_compiled_app=True)


def _workers_die_with_us() -> None:
    """A worker whose parent was killed would hold the port against the next one."""
    libc = ctypes.CDLL(None)
    os.register_at_fork(
        after_in_child=lambda: libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    )


if __name__ == "__main__":
    main()
