"""What the environment says: variables that begin with `INKBATCH_`, or a `.env` file."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from inkbatch.adapters.log_lines import log_json_lines, warn_in_text
from inkbatch.adapters.secret_files import secret_in
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.errors import SettingsError
from inkbatch.domain.this_machine import is_this_machine

DEFAULT_BASE_URL = "https://inkbox.ai/api/v1/phone"
RELEASE_AFTER = 300
"""So many seconds at least a lost call is looked for before its contact is called again."""

DEFAULT_RESULTS_URL = "http://127.0.0.1:8770"

SECRETS = (
    "api_key",
    "agent_token",
    "webhook_signing_keys",
    "web_password",
    "web_viewer_password",
    "notice_url",
    "notice_secret",
    "database_url",
)
"""What may stand in a file that `INKBATCH_<NAME>_FILE` names, instead of the environment."""


class LogFormat(StrEnum):
    """How lines of the log look on standard error."""

    TEXT = "text"  # warnings alone, for a person at a terminal
    JSON = "json"  # each event a line of JSON, for a collector


class Settings(BaseSettings):
    """Settings of this machine; what belongs to a campaign is in its campaign.toml.

    `organisation` names whose budget is spent: it keeps apart what two API keys of different
    organisations do with one database. By default it is the server's host, or `sandbox` for
    every loopback address, so that a rehearsal never mixes with real calls.

    `agent_token` and `webhook_signing_keys` may each be several, separated by commas: the old and
    the new one while they change. `reserve_calls` and `reserve_minutes` are what no campaign uses,
    for calls made by hand. `results_url` is where the agent posts its results. `release_unfound`
    lets be called again whose lost call is not in the call list after `quiet_seconds`; it risks a
    second call where Inkbox lists one later than that. `web_password` lets
    operators into the page without a link, `web_viewer_password` viewers.

    Each of SECRETS may stand in a file: `api_key_file` names that of `api_key`. `api_key_block` is
    the name of a Prefect Secret block with the key, for the flows alone. `notice_url` is where
    notices are posted, signed with `notice_secret`; `web_url` is where people find the page: by
    TLS, where it begins with https.
    """

    model_config = SettingsConfigDict(
        env_prefix="INKBATCH_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    api_key: SecretStr | None = None
    base_url: str = DEFAULT_BASE_URL
    database_url: str = "sqlite:///inkbatch.db"
    organisation: str | None = None
    agent_token: SecretStr | None = None
    webhook_signing_keys: SecretStr | None = None
    results_url: str = DEFAULT_RESULTS_URL
    web_password: SecretStr | None = None
    web_viewer_password: SecretStr | None = None
    web_url: str | None = None
    notice_url: SecretStr | None = None
    notice_secret: SecretStr | None = None
    api_key_file: Path | None = None
    agent_token_file: Path | None = None
    webhook_signing_keys_file: Path | None = None
    web_password_file: Path | None = None
    web_viewer_password_file: Path | None = None
    notice_url_file: Path | None = None
    notice_secret_file: Path | None = None
    database_url_file: Path | None = None
    api_key_block: str | None = None
    log_format: LogFormat = LogFormat.TEXT
    quiet_seconds: float = Field(default=900, ge=0, le=86_400)
    release_unfound: bool = False
    poll_seconds: float = Field(default=10, gt=0, le=3_600)
    linger_seconds: float = Field(default=300, ge=0, le=86_400)
    places_at_once: int = Field(default=100, ge=1, le=200)
    reserve_calls: int = Field(default=0, ge=0)
    reserve_minutes: float = Field(default=0, ge=0, allow_inf_nan=False)

    @property
    def is_loopback(self) -> bool:
        """Whether calls go to a sandbox on this machine and reach nobody."""
        return is_this_machine(urlsplit(self.base_url).hostname or "")

    @property
    def organisation_name(self) -> str:
        """Whose budget is spent."""
        if self.organisation:
            return self.organisation
        return "sandbox" if self.is_loopback else urlsplit(self.base_url).hostname or self.base_url

    @property
    def agent_tokens(self) -> tuple[SecretStr, ...]:
        """The tokens by which agents are known; none accepts nobody."""
        return _each(self.agent_token)

    @property
    def signing_keys(self) -> tuple[SecretStr, ...]:
        """The keys with which Inkbox may sign; none accepts nothing."""
        return _each(self.webhook_signing_keys)

    @property
    def reserve(self) -> HeadRoom:
        """What no campaign uses: it is for calls made by hand."""
        return HeadRoom(calls=self.reserve_calls, minutes=self.reserve_minutes)

    @property
    def linger(self) -> timedelta:
        """How long a scheduled run waits for the next thing to do before it ends."""
        return timedelta(seconds=self.linger_seconds)

    @property
    def web_passwords(self) -> dict[str, SecretStr]:
        """The passwords of the page by role; empty ones let nobody in."""
        told = {"operator": self.web_password, "viewer": self.web_viewer_password}
        return {
            role: secret for role, secret in told.items() if secret and secret.get_secret_value()
        }

    @property
    def web_tls_origin(self) -> str | None:
        """Scheme and host of the page where people reach it by TLS; None where that is not said."""
        parts = urlsplit(self.web_url or "")
        return f"https://{parts.netloc}" if parts.scheme == "https" else None

    def page_of(self, campaign_folder: Path) -> str | None:
        """Return where people find a campaign's page; None where that is not said."""
        if not self.web_url:
            return None
        return f"{self.web_url.rstrip('/')}/campaigns/{quote(campaign_folder.resolve().name)}"

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """The files that secrets were read from."""
        named = (getattr(self, f"{name}_file") for name in SECRETS)
        return tuple(path for path in named if path is not None)

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, given: dict[str, object]) -> dict[str, object]:
        """Put what the files hold where the environment would have said it."""
        read = dict[str, object]()
        for name in SECRETS:
            path = given.get(f"{name}_file")
            if not path:
                read[f"{name}_file"] = None  # one that is set to nothing names no file
                continue
            if given.get(name):
                variable = f"INKBATCH_{name.upper()}"
                raise ValueError(f"{variable} and {variable}_FILE are both set; unset one")
            read[name] = secret_in(Path(str(path)))
        return {**given, **read}

    @field_validator("notice_url")
    @classmethod
    def _is_safe(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        parts = urlsplit(value.get_secret_value())
        host = parts.hostname or ""
        if not host or (parts.scheme != "https" and not _is_plain_here(parts.scheme, host)):
            raise ValueError("write a URL that begins with https:// (http:// only to this machine)")
        return value

    @field_validator("web_url")
    @classmethod
    def _has_a_host(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if parts.scheme == "https" and not parts.hostname:
            raise ValueError("write where people find the page, such as https://calls.example.com")
        return value

    @model_validator(mode="after")
    def _release_waits_long_enough(self) -> Self:
        if self.release_unfound and not self.is_loopback and self.quiet_seconds < RELEASE_AFTER:
            raise ValueError(
                f"with INKBATCH_RELEASE_UNFOUND, INKBATCH_QUIET_SECONDS must be {RELEASE_AFTER} or "
                "more: whose call is listed late would be called twice"
            )
        return self

    def require_api_key(self) -> SecretStr:
        """Return the key; raises SettingsError where none is set."""
        if self.api_key is None or not self.api_key.get_secret_value().strip():
            raise SettingsError(
                "no API key is set, so nothing can be dialed. Set INKBATCH_API_KEY to the key of "
                "your organisation at Inkbox (`sandbox` for the sandbox), or INKBATCH_API_KEY_FILE "
                "to a file with it."
            )
        return self.api_key

    def require_web_secret(self) -> None:
        """Raise SettingsError where neither agents nor Inkbox could prove who they are."""
        if not self.agent_tokens and not self.signing_keys:
            raise SettingsError(
                "neither INKBATCH_AGENT_TOKEN nor INKBATCH_WEBHOOK_SIGNING_KEYS is set, so nobody "
                "could be let in. Set the token that your agent carries, the signing key that "
                "Inkbox shows, or both."
            )


def _is_plain_here(scheme: str, host: str) -> bool:
    return scheme == "http" and is_this_machine(host)


def _each(secrets: SecretStr | None) -> tuple[SecretStr, ...]:
    texts = secrets.get_secret_value().split(",") if secrets else []
    return tuple(SecretStr(text.strip()) for text in texts if text.strip())


def _variable(problem: ErrorDetails) -> str:
    return f"INKBATCH_{str(problem['loc'][0]).upper()}: " if problem["loc"] else ""


def load_service_settings() -> Settings:
    """Do as `load_settings`, for what runs for long: its log becomes what the settings say."""
    settings = load_settings()
    if settings.log_format is LogFormat.JSON:
        log_json_lines()
    else:
        warn_in_text()
    return settings


def load_settings(**overrides: object) -> Settings:
    """Read the environment; `overrides` that are None do not count. Raises SettingsError."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic validates them
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(problem)}{problem['msg']}" for problem in error.errors(include_input=False)
        )
        raise SettingsError(f"the settings cannot be used: {problems}") from error
