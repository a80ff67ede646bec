"""Every setting, in one typed class: read once, checked at start.

Precedence: defaults < the file of the environment (`.env`, then `.env.<APP_ENV>`) < environment
variables < command-line flags. All mistakes are reported in one message and no secret is printed.
`.env.example` and `docs/configuration.md` are generated from this class (`python -m app settings`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    ByteSize,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import Misconfigured
from app.flags import known_entries
from app.setting_files import DEFAULT, Environment, LogLevel, setting_files, sources
from app.setting_rules import all_mistakes, refuse_comforts, with_an_address

PROJECT_ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"localhost", "127.0.0.1"})
DEFAULT_SESSION_SECRET = "local-development-only"  # noqa: S105 - refused outside local and ci


class Settings(BaseSettings):
    """The settings of one installation. A setting without a URL means: use the embedded service."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        validate_default=True,
    )

    app_env: Environment = Field(
        Environment.LOCAL, description="Where this runs: local, ci, staging or prod."
    )
    app_port: int = Field(8000, ge=1, le=65535, description="The one port the web listens on.")
    app_url: AnyHttpUrl | None = Field(
        None, description="Address people type, without a path. Default: localhost:APP_PORT."
    )
    data_dir: Path = Field(
        Path(".data"), description="Folder of the embedded services, relative to the project's."
    )
    web_processes: int = Field(
        1, ge=1, le=64, description="Web processes. More than one keeps page state in Redis."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=9, description="Proxies in front whose X-Forwarded-For is believed."
    )
    rate_limits: float = Field(
        1.0, ge=0, description="Factor on every limit against floods; 0 switches them off."
    )
    public_catalogue: bool = Field(
        default=True, description="Whether the catalogue can be read without signing in."
    )
    database_url: SecretStr | None = Field(
        None, description="postgresql://user:password@host:port/name. Empty: embedded Postgres."
    )
    database_owner_url: SecretStr | None = Field(
        None,
        description="The role that owns the tables, for migrations; the program then works under "
        "DATABASE_URL's, which can change nothing in the audit. Empty: DATABASE_URL.",
    )
    database_replica_url: SecretStr | None = Field(
        None, description="A read replica for the pages that only read. Empty: DATABASE_URL."
    )
    redis_url: SecretStr | None = Field(
        None, description="redis://:password@host:port/0. Empty: embedded Valkey."
    )
    queue_url: SecretStr | None = Field(
        None, description="Redis that holds the queues. Empty: REDIS_URL."
    )
    object_storage_endpoint: AnyHttpUrl | None = Field(
        None, description="Address of the S3 service. Empty: embedded bucket."
    )
    object_storage_public_url: AnyHttpUrl | None = Field(
        None, description="Where browsers reach the S3 service. Empty: files come through us."
    )
    object_storage_bucket: str = Field(
        "anythingyouwantt", min_length=3, max_length=63, description="Name of the bucket."
    )
    object_storage_region: str = Field("us-east-1", description="Region of the bucket.")
    object_storage_access_key: SecretStr | None = Field(None, description="S3 access key.")
    object_storage_secret_key: SecretStr | None = Field(None, description="S3 secret key.")
    external_auth_domain: AnyHttpUrl | None = Field(
        None,
        description="Issuer of the OIDC provider, exactly as in its tokens. Empty: development "
        "provider.",
    )
    external_auth_client_id: str = Field(
        "anythingyouwantt", description="Client id at the OIDC provider."
    )
    external_auth_client_secret: SecretStr | None = Field(
        None, description="Client secret at the OIDC provider."
    )
    external_auth_groups_claim: str = Field(
        "groups",
        description="Claim of the id token that lists the person's groups, with dots where it "
        "stands inside others (realm_access.roles). A group named buyer, operator or admin, or so "
        "with anythingyouwantt- before it, grants that role.",
    )
    external_auth_trusts_emails: bool = Field(
        default=False,
        description="Whether an address counts as verified where the provider does not say. For "
        "providers that hold verified addresses only and never say so, such as Entra ID.",
    )
    sign_in_links: bool = Field(
        default=False,
        description="Whether people whom an administrator has added may sign in by a link that is "
        "mailed to them, beside or in place of an OIDC provider.",
    )
    sendgrid_api_key: SecretStr | None = Field(
        None, description="SendGrid key. Empty: mails go to the mailbox page instead."
    )
    sendgrid_base_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.sendgrid.com"), description="Address of SendGrid's API."
    )
    mail_from: Annotated[str, AfterValidator(with_an_address)] = Field(
        "AnythingYouWantt <orders@anythingyouwantt.example>",
        description="Sender of every mail: name <address>.",
    )
    google_maps_api_key: SecretStr | None = Field(
        None, description="Browser key for Google Maps, restricted by referrer. Empty: our own map."
    )
    google_maps_map_id: str = Field(
        "DEMO_MAP_ID", min_length=1, description="Map id of Google Maps: its style and its marks."
    )
    google_maps_language: str = Field("", description="Language of Google's map: de, ja, pt-BR.")
    google_maps_region: str = Field("", description="Region whose borders Google's map draws: DE.")
    google_geocoding_api_key: SecretStr | None = Field(
        None, description="Server key for Google Geocoding. Empty: places of stores by their names."
    )
    feature_flags: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Feature flags that are set here and not on their page, separated by commas: "
        "name (which is on), name=off or name=25%.",
    )
    log_level: LogLevel = Field(
        LogLevel.INFO, description="Least severe record written: debug, info, warning, error."
    )
    session_secret: SecretStr = Field(
        SecretStr(DEFAULT_SESSION_SECRET),
        min_length=16,
        description="Signs the short-lived cookie of a sign-in under way, and forms.",
    )
    session_idle: timedelta = Field(
        timedelta(hours=8), description="A session ends after this long without a request."
    )
    session_absolute: timedelta = Field(
        timedelta(days=7), description="A session ends after this long in any case."
    )
    snapshot_keep_all: timedelta = Field(
        timedelta(days=14), description="Every snapshot is kept this long; older ones thin out."
    )
    snapshot_cache: ByteSize = Field(
        ByteSize(2**30), description="Most that DATA_DIR takes of snapshots people look into."
    )

    _sources: dict[str, str] = {}  # pydantic copies it for each

    @field_validator("feature_flags", mode="before")
    @classmethod
    def _known_flags(cls, value: object) -> object:
        return known_entries(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _refuse_comforts_in_production(self) -> Self:
        if not self.uses_development_services:
            refuse_comforts(dict(self), default_secret=DEFAULT_SESSION_SECRET)
        return self

    def remember(self, sources: dict[str, str]) -> None:
        """Keep where the settings came from, as it was when they were read."""
        self._sources.update(sources)

    def source_of(self, name: str) -> str:
        """Return where a setting came from: default, a file, the environment, a flag."""
        return self._sources.get(name, DEFAULT)

    @property
    def has_provider(self) -> bool:
        """Whether people can sign in through an OIDC provider, the development one or another."""
        return self.external_auth_domain is not None

    @property
    def data_folder(self) -> Path:
        """`data_dir`, absolute."""
        return self.data_dir if self.data_dir.is_absolute() else PROJECT_ROOT / self.data_dir

    @property
    def public_url(self) -> str:
        """Address people type, without a slash at the end."""
        url = str(self.app_url) if self.app_url else f"http://localhost:{self.app_port}"
        return url.rstrip("/")

    @property
    def origins(self) -> frozenset[str]:
        """Our own origins, as browsers name them: one's own machine goes by either name."""
        own = urlsplit(self.public_url)
        hosts = LOOPBACK if own.hostname in LOOPBACK else {own.hostname}
        port = f":{own.port}" if own.port else ""
        return frozenset(f"{own.scheme}://{host}{port}" for host in hosts)

    @property
    def is_secure(self) -> bool:
        """Whether people reach the program through https."""
        return self.public_url.startswith("https://")

    @property
    def uses_development_services(self) -> bool:
        """Whether the development sign-in, demo data and default secrets are allowed."""
        return self.app_env in {Environment.LOCAL, Environment.CI}


def load_settings(*, with_running: bool = True, **flags: object) -> Settings:
    """Read and check the settings; `flags` win over everything else.

    Without `with_running`, what a running installation has noted about itself is left out.
    Raises Misconfigured with every mistake in one message; values are never repeated in it.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    files = setting_files(PROJECT_ROOT, given, with_running=with_running)
    try:
        read = Settings(_env_file=files, **given)  # pyright: ignore[reportCallIssue, reportArgumentType] - its first parameter is no field
    except ValidationError as problem:
        raise Misconfigured(all_mistakes(problem)) from None
    read.remember(sources(files, given))
    return read


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read at the first call."""
    return load_settings()
