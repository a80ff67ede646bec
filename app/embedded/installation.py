"""A whole installation on one machine: which processes it needs and how they are reached."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.config import DEFAULT_SESSION_SECRET
from app.embedded import bucket, postgres, valkey
from app.embedded.child import Child, Stage, base_environment
from app.embedded.http import answers, ask
from app.embedded.pages import front_end_environment
from app.embedded.ports import remembered_ports

if TYPE_CHECKING:
    from app.config import Settings
    from app.embedded.folder import DataFolder

QUEUES: Final = ("mail", "orders", "feeds", "snapshots", "rooms")


@dataclass(frozen=True, slots=True)
class Plan:
    """The embedded services of an installation, and the settings by which they are found."""

    services: tuple[Child, ...]
    running: dict[str, str]


class Installation:
    """Turns settings and a data folder into the processes to start."""

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        """Choose ports; nothing is started."""
        self.settings = settings
        self.folder = folder
        self._ports = remembered_ports(folder)
        self._secrets = folder.secrets()

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of our own processes; they read the rest from the data folder."""
        return base_environment(
            APP_PORT=str(self.settings.app_port),
            DATA_DIR=str(self.settings.data_folder),
            PYTHONUNBUFFERED="1",
            **more,
        )

    def infrastructure(self, *, careless: bool = False) -> Plan:
        """Prepare database, Valkey and bucket, each only where no URL is configured.

        `careless` gives up durability for speed: for tests.
        """
        given, ports, secrets = self.settings, self._ports, self._secrets
        services: list[Child] = []
        running = {"APP_PORT": str(given.app_port)}
        if given.session_secret.get_secret_value() == DEFAULT_SESSION_SECRET:
            running["SESSION_SECRET"] = secrets["session_secret"]
        if given.database_url is None:
            port = ports["postgres"]
            services.append(postgres.postgres(self.folder, port, careless=careless))
            running["DATABASE_URL"] = postgres.database_url(
                postgres.WORKING_ROLE, secrets["postgres_working_password"], port
            )
            running["DATABASE_OWNER_URL"] = postgres.database_url(
                postgres.OWNER, secrets["postgres_password"], port
            )
        if given.redis_url is None:
            services.append(valkey.valkey(self.folder, ports["valkey"], careless=careless))
            running["REDIS_URL"] = valkey.redis_url(secrets["valkey_password"], ports["valkey"])
        if given.object_storage_endpoint is None:
            services.append(bucket.bucket(self.folder, ports, given.object_storage_bucket))
            running["OBJECT_STORAGE_ENDPOINT"] = f"http://127.0.0.1:{ports['bucket_s3']}"
            running["OBJECT_STORAGE_ACCESS_KEY"] = secrets["bucket_access_key"]
            running["OBJECT_STORAGE_SECRET_KEY"] = secrets["bucket_secret_key"]
        return Plan(tuple(services), running)

    def twins(self) -> Plan:
        """Prepare the twins of outside parties: the development sign-in and the demo supplier."""
        services: list[Child] = []
        running: dict[str, str] = {}
        if self.settings.external_auth_domain is None:
            port = self._ports["identity"]
            services.append(
                self._ours(
                    "identity",
                    "app.embedded.identity",
                    f"--port={port}",
                    f"--data-dir={self.folder.path / 'identity'}",
                    port=port,
                )
            )
            running["EXTERNAL_AUTH_DOMAIN"] = f"http://localhost:{port}"
            running["EXTERNAL_AUTH_CLIENT_SECRET"] = self._secrets["identity_client_secret"]
        if self.demo_supplier_url:
            port = self._ports["demo_supplier"]
            services.append(
                self._ours("demo", "app.embedded.demo_supplier", f"--port={port}", port=port)
            )
        return Plan(tuple(services), running)

    @property
    def demo_supplier_url(self) -> str | None:
        """Address of the demo supplier, None where none runs."""
        if not self.settings.uses_development_services:
            return None
        return f"http://127.0.0.1:{self._ports['demo_supplier']}"

    def _ours(self, name: str, module: str, *arguments: str, port: int) -> Child:
        async def ready() -> bool:
            return await answers(port)

        return Child(
            name=name,
            command=(sys.executable, "-m", module, *arguments),
            environment=self.environment(),
            ready=ready,
            stage=Stage.SERVICE,
        )

    def workers(self, *, reloading: bool = False) -> tuple[Child, ...]:
        """One worker per queue, and one process for the scheduler and the relay."""
        arguments = [("worker", queue) for queue in QUEUES] + [("scheduler",)]
        return tuple(
            Child(
                name="-".join(one),
                command=_reloaded(one) if reloading else (sys.executable, "-m", "app", *one),
                environment=self.environment(),
                ready=_at_once,
            )
            for one in arguments
        )

    def web(self, pages: Path) -> Child:
        """The web process over built `pages`."""
        return self._web(
            (sys.executable, "-m", "app.serve"),
            self.environment(
                REFLEX_WEB_WORKDIR=str(pages),
                REFLEX_STATES_WORKDIR=str(self.folder.path / "states"),
            ),
        )

    def reloading_web(self) -> Child:
        """The web process that builds and starts again at each change of a file.

        Reflex's `preview`, not `dev`: it serves pages and REST on one port, as in production, so
        that sign-in, pictures and the content security policy are the same.
        """
        return self._web(
            (
                *(str(Path(sys.executable).parent / "reflex"), "run", "--env", "preview"),
                *("--backend-port", str(self.settings.app_port)),
            ),
            front_end_environment(self.environment()),
        )

    def _web(self, command: tuple[str, ...], environment: dict[str, str]) -> Child:
        port = self.settings.app_port

        async def ready() -> bool:
            answer = await ask(port, "/health")
            return answer is not None and answer[0] == 200  # noqa: PLR2004 - HTTP's "OK"

        return Child(name="web", command=command, environment=environment, ready=ready)


def _reloaded(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that starts ours again when a source file changes."""
    ours = shlex.join((sys.executable, "-m", "app", *arguments))
    return (sys.executable, "-m", "watchfiles", "--filter", "python", ours, "app", "jobs")


async def _at_once() -> bool:
    """A worker has no door to knock at; one that dies is reported and started again."""
    return True
