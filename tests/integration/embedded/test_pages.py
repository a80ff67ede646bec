"""When the pages are built again, and when not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.config import load_settings
from app.embedded import pages
from app.embedded.folder import DataFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project folder in place of this one."""
    for name, text in {
        "app/pages/one.py": "one",
        "app/cli/up.py": "up",
        "components/card.py": "card",
        "state/base.py": "state",
        "assets/logo.svg": "logo",
        "assets/external/made": "by the build",
        "reflex.lock/package.json": json.dumps({"b": 1, "a": 2}),
        "rxconfig.py": "config",
        "deploy/requirements/run.txt": "reflex==1",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr(pages, "PROJECT_ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "changed",
    [
        "app/pages/one.py",
        "components/card.py",
        "state/base.py",
        "assets/logo.svg",
        "rxconfig.py",
        "deploy/requirements/run.txt",
    ],
)
def test_pages_follow_their_sources(project: Path, changed: str) -> None:
    before = pages.fingerprint(load_settings())
    (project / changed).write_text("changed")
    assert pages.fingerprint(load_settings()) != before


def test_pages_follow_the_versions_of_their_packages(project: Path) -> None:
    before = pages.fingerprint(load_settings())
    lock = project / "reflex.lock" / "package.json"
    lock.write_text(json.dumps({"a": 2, "b": 1}))
    assert pages.fingerprint(load_settings()) == before, "only the order has changed"
    lock.write_text(json.dumps({"a": 3, "b": 1}))
    assert pages.fingerprint(load_settings()) != before


@pytest.mark.parametrize("changed", ["app/cli/up.py", "assets/external/made"])
def test_pages_do_not_follow_what_is_not_in_them(project: Path, changed: str) -> None:
    before = pages.fingerprint(load_settings())
    (project / changed).write_text("changed")
    assert pages.fingerprint(load_settings()) == before


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "flags",
    [
        {"app_port": 8001},
        {"app_url": "https://shop.example"},
        {"public_catalogue": False},
    ],
)
def test_pages_follow_the_settings_that_are_in_them(flags: dict[str, object]) -> None:
    assert pages.fingerprint(load_settings(**flags)) != pages.fingerprint(load_settings())  # pyright: ignore[reportArgumentType] - flags, never `with_running`


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "flags",
    [{"google_maps_api_key": "a-browser-key"}, {"google_maps_map_id": "ours"}],
)
def test_pages_do_not_follow_what_they_are_told_when_they_run(flags: dict[str, object]) -> None:
    assert pages.fingerprint(load_settings(**flags)) == pages.fingerprint(load_settings())  # pyright: ignore[reportArgumentType] - flags, never `with_running`


@pytest.mark.usefixtures("project")
def test_half_a_build_is_not_served(tmp_path: Path) -> None:
    folder, settings = DataFolder(tmp_path / "data"), load_settings()
    target = folder.path / "web" / pages.fingerprint(settings)
    target.mkdir(parents=True)
    assert pages.kept_pages(folder, settings) is None
    (target / "routes.json").write_text("[]")
    assert pages.kept_pages(folder, settings) == target
