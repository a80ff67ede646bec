"""Settings: where they come from, what is refused, and that their documents are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import config
from app.cli.doctor import shown
from app.cli.settings import documents
from app.config import Settings, load_settings
from app.errors import Misconfigured

if TYPE_CHECKING:
    from pathlib import Path

GIVEN_IN_PRODUCTION = {
    "APP_URL": "https://shop.example",
    "DATABASE_URL": "postgresql://app:hidden@db/app",
    "REDIS_URL": "redis://:hidden@cache/0",
    "OBJECT_STORAGE_ENDPOINT": "https://s3.example",
    "OBJECT_STORAGE_ACCESS_KEY": "hidden-key",
    "OBJECT_STORAGE_SECRET_KEY": "hidden-secret",
    "EXTERNAL_AUTH_DOMAIN": "https://login.example",
    "EXTERNAL_AUTH_CLIENT_SECRET": "hidden-client",
    "SENDGRID_API_KEY": "hidden-sendgrid",
    "SESSION_SECRET": "hidden-session-secret",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings be read from an empty folder."""
    monkeypatch.setattr(config, "PROJECT_ROOT", tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def test_stronger_sources_win(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def port() -> int:
        return load_settings().app_port

    assert port() == 8000
    (project / ".data").mkdir()
    (project / ".data" / "running.env").write_text("APP_PORT='8001'\n")
    assert port() == 8001
    (project / ".env").write_text("APP_PORT=8002\n")
    assert port() == 8002
    (project / ".env.local").write_text("APP_PORT=8003\n")
    assert port() == 8003
    monkeypatch.setenv("APP_PORT", "8004")
    assert port() == 8004
    assert load_settings(app_port=8005).app_port == 8005


def test_running_services_are_found_in_the_folder_that_is_meant(project: Path) -> None:
    elsewhere = project / "else where"
    elsewhere.mkdir()
    (elsewhere / "running.env").write_text("REDIS_URL='redis://:x@127.0.0.1:1/0'\n")
    assert load_settings().redis_url is None
    assert load_settings(data_dir=elsewhere).redis_url
    (project / ".env").write_text("DATA_DIR='else where'\n")
    assert load_settings().redis_url
    assert load_settings(with_running=False).redis_url is None


def test_running_services_are_not_for_production(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".data").mkdir()
    (project / ".data" / "running.env").write_text("MAIL_FROM='local@example.org'\n")
    for name, value in GIVEN_IN_PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("APP_ENV", "prod")
    assert "local@" not in load_settings().mail_from


def test_all_mistakes_come_in_one_message_without_values(project: Path) -> None:
    (project / ".env").write_text(
        "APP_PORT=seventy-thousand\nMAIL_FROM=nobody\nSESSION_SECRET=short-secret\nLOG_LEVEL=loud\n"
    )
    with pytest.raises(Misconfigured) as caught:
        load_settings()
    sentence = caught.value.sentence
    for name in ("APP_PORT", "MAIL_FROM", "SESSION_SECRET", "LOG_LEVEL"):
        assert name in sentence
    for value in ("seventy-thousand", "short-secret", "loud"):
        assert value not in sentence


@pytest.mark.parametrize("name", ["staging", "prod"])
@pytest.mark.usefixtures("project")
def test_production_refuses_defaults_made_for_one_machine(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Misconfigured) as caught:
        load_settings(app_env=name)
    for setting in GIVEN_IN_PRODUCTION:
        assert setting in caught.value.sentence
    for setting, value in GIVEN_IN_PRODUCTION.items():
        monkeypatch.setenv(setting, value)
    assert not load_settings(app_env=name).uses_development_services


@pytest.mark.usefixtures("project")
def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN_IN_PRODUCTION.items():
        monkeypatch.setenv(name, value)
    given = load_settings()
    assert "hidden" not in repr(given)
    assert "hidden" not in " ".join(shown(given, name) for name in type(given).model_fields)


def test_the_documents_are_up_to_date() -> None:
    stale = [
        file.name
        for file, content in documents().items()
        if not file.exists() or file.read_text() != content
    ]
    assert not stale, "run `python -m app settings write`"
