"""Every knob of an installation: ``kentongan.toml`` first, then ``KENTONGAN_…``.

The office's machine is set here; its accounts, sources and people are rows.
Durations are seconds in the file and the environment (or ISO 8601, ``PT10S``).
"""

import os
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.failures import SettingsProblem

PREFIX = "KENTONGAN_"
FILE_VARIABLE = "KENTONGAN_FILE"
DEFAULT_FILE = Path("kentongan.toml")
NOT_SETTINGS = frozenset(
    {FILE_VARIABLE, "KENTONGAN_AS", "KENTONGAN_OFFICE", "KENTONGAN_TEST_DATA"}
)
"""Variables with our prefix that are read elsewhere."""


class Settings(BaseSettings):
    """Read once at start; frozen; an unknown name is an error."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", validate_default=True
    )

    # where things lie
    database_url: str = Field(
        default="sqlite:///kentongan.db",
        description="SQLAlchemy address of the one database: SQLite or PostgreSQL.",
    )
    key_file: Path = Field(
        default=Path("kentongan.key"),
        description="File (0600) with the keys that encrypt secrets, newest first.",
    )
    key: SecretStr | None = Field(
        default=None, description="The keys themselves, instead of the file."
    )
    timezone: ZoneInfo = Field(
        default=ZoneInfo("Asia/Jakarta"),
        description="Zone of a new office: Asia/Jakarta, Asia/Makassar, Asia/Jayapura.",
    )

    # the dashboard
    web_host: str = Field(default="127.0.0.1", description="Address to listen on.")
    web_port: int = Field(
        default=8000, ge=0, le=65535, description="Port; 0 picks a free one."
    )
    public_url: str = Field(
        default="",
        description="Address people type, when a proxy stands in front.",
    )
    session_hours: int = Field(
        default=12, ge=1, le=24 * 30, description="Hours a sign-in lasts."
    )

    # the clock
    publish_every: timedelta = Field(
        default=timedelta(seconds=10), description="How often due posts are looked for."
    )
    settle_every: timedelta = Field(
        default=timedelta(seconds=15),
        description="How often uncertain posts are looked at.",
    )
    mentions_every: timedelta = Field(
        default=timedelta(minutes=2),
        description="How often one account's mentions are read (X bills each read).",
    )
    feeds_every: timedelta = Field(
        default=timedelta(seconds=30), description="How often due feeds are looked for."
    )
    classify_every: timedelta = Field(
        default=timedelta(seconds=10), description="How often new items are labelled."
    )
    report_at: time = Field(
        default=time(6, 0), description="Local time of the chief's morning page."
    )
    publish_threads: int = Field(
        default=4, ge=1, le=64, description="Accounts served side by side."
    )
    fetch_threads: int = Field(
        default=4, ge=1, le=64, description="Sources fetched side by side."
    )

    # publishing
    lease: timedelta = Field(
        default=timedelta(minutes=3),
        description="How long a worker owns an account before others may look.",
    )
    send_within: timedelta = Field(
        default=timedelta(seconds=100),
        description="Monotonic limit from claim to the last look; under the lease.",
    )

    # fetching
    connect_timeout: timedelta = Field(
        default=timedelta(seconds=10), description="Until a connection stands."
    )
    read_timeout: timedelta = Field(
        default=timedelta(seconds=20), description="Between two bytes."
    )
    total_timeout: timedelta = Field(
        default=timedelta(seconds=40), description="For one whole call."
    )
    max_body_mib: int = Field(
        default=15, ge=1, le=200, description="MiB of an answer after decompression."
    )
    inner_hosts: frozenset[str] = Field(
        default=frozenset(),
        description="'host:port' that may be called though they are not public.",
    )
    feed_floor: timedelta = Field(
        default=timedelta(minutes=15), description="Shortest interval of one feed."
    )
    feed_interval: timedelta = Field(
        default=timedelta(minutes=30), description="Interval of a feed that says none."
    )
    host_gap: timedelta = Field(
        default=timedelta(seconds=5), description="Pause between calls to one host."
    )
    contact: str = Field(
        default="", description="Mail or page named in our User-Agent."
    )

    # understanding
    engine: str = Field(
        default="default",
        description="default, linear, transformer, or the path of a checkpoint.",
    )
    model_threads: int = Field(
        default=1, ge=1, le=64, description="Cores used for reading texts."
    )

    # money
    monthly_cap_idr: int = Field(
        default=150_000,
        ge=0,
        description="Hard cap a month for paid networks, writes and reads, in rupiah.",
    )

    # logs
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING, ERROR.")
    log_json: bool = Field(default=False, description="One JSON object a line.")

    @field_validator("timezone", mode="before")
    @classmethod
    def _zone(cls, value: Any) -> Any:
        return ZoneInfo(value) if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return init_settings, env_settings, file


def settings_file() -> Path:
    """The settings file in force: ``KENTONGAN_FILE``, else ``kentongan.toml`` here."""
    return Path(os.environ.get(FILE_VARIABLE) or DEFAULT_FILE)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        SettingsProblem: a name is unknown or a value cannot be used; the message
            names each, for the person at the keyboard.
    """
    unknown = _unknown_variables()
    if unknown:
        raise SettingsProblem([f"{name}: nama tidak dikenal" for name in unknown])
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsProblem(
            [
                f"{'.'.join(map(str, one['loc'])) or 'kentongan.toml'}: {_words(one)}"
                for one in error.errors(include_input=False, include_url=False)
            ]
        ) from None
    except (OSError, ValueError) as error:
        raise SettingsProblem([f"{settings_file()}: {error}"]) from None


def _words(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "nama tidak dikenal"
    return str(error["msg"])


def _unknown_variables() -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | NOT_SETTINGS
    return sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in known
    )
