"""Settings: where they come from, what is refused, and that their documents are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import config
from app.cli.settings import documents
from app.config import Settings, load_settings
from app.errors import Misconfigured
from app.services.operations.setting_rows import setting_rows

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
    rows = {row.name: row for row in setting_rows(given)}
    assert "hidden" not in str(rows)
    assert rows["DATABASE_URL"].value == "set"
    assert rows["QUEUE_URL"].value == "not set"
    assert rows["DATABASE_URL"].is_secret


@pytest.mark.usefixtures("project")
def test_a_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBJECT_STORAGE_ENDPOINT", "https://me:hidden@s3.example/there")
    rows = {row.name: row.value for row in setting_rows(load_settings())}
    assert rows["OBJECT_STORAGE_ENDPOINT"] == "https://…@s3.example/there"


def test_it_is_said_where_each_setting_came_from(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".data").mkdir()
    (project / ".data" / "running.env").write_text("REDIS_URL=redis://here/0\nLOG_LEVEL=error\n")
    (project / ".env").write_text("LOG_LEVEL=debug\nMAIL_FROM=a@b.example\nWEB_PROCESSES=\n")
    (project / ".env.local").write_text("MAIL_FROM=c@d.example\n")
    monkeypatch.setenv("APP_URL", "http://shop.example")
    monkeypatch.setenv("SENDGRID_API_KEY", "")
    given = load_settings(app_port=9000)
    (project / ".env.local").write_text("APP_PORT=1\n")
    rows = {row.name: row for row in setting_rows(given)}
    assert {name: rows[name].source for name in rows if rows[name].source != "default"} == {
        "REDIS_URL": "running installation",
        "LOG_LEVEL": ".env",
        "MAIL_FROM": ".env.local",
        "APP_URL": "environment variable",
        "APP_PORT": "command line",
    }
    assert rows["WEB_PROCESSES"].value == "1"
    assert rows["LOG_LEVEL"].value == "debug"


def test_the_documents_are_up_to_date() -> None:
    stale = [
        file.name
        for file, content in documents().items()
        if not file.exists() or file.read_text() != content
    ]
    assert not stale, "run `python -m app settings write`"


def without_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN_IN_PRODUCTION.items():
        if not name.startswith("EXTERNAL_AUTH_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("APP_ENV", "prod")


@pytest.mark.usefixtures("project")
def test_production_needs_a_provider_or_links(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_provider(monkeypatch)
    with pytest.raises(Misconfigured, match="EXTERNAL_AUTH_DOMAIN, EXTERNAL_AUTH_CLIENT_SECRET"):
        load_settings()

    monkeypatch.setenv("SIGN_IN_LINKS", "true")
    assert load_settings().has_provider is False


@pytest.mark.usefixtures("project")
def test_half_a_provider_is_a_mistake_beside_links_too(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_provider(monkeypatch)
    monkeypatch.setenv("SIGN_IN_LINKS", "true")
    monkeypatch.setenv("EXTERNAL_AUTH_DOMAIN", "https://login.example")
    with pytest.raises(Misconfigured, match="set: EXTERNAL_AUTH_CLIENT_SECRET"):
        load_settings()
