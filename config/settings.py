"""Every knob of an installation: ``kentongan.toml`` first, then ``KENTONGAN_…``.

The office's machine is set here; its accounts, sources and people are rows.
Durations are seconds in the file and the environment (or ISO 8601, ``PT10S``).
"""

import os
import re
from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from config.failures import Line, SettingsProblem
from config.words import N_

PREFIX = "KENTONGAN_"
FILE_VARIABLE = "KENTONGAN_FILE"
DEFAULT_FILE = Path("kentongan.toml")
NOT_SETTINGS = frozenset(
    {
        FILE_VARIABLE,
        "KENTONGAN_AS",
        "KENTONGAN_OFFICE",
        "KENTONGAN_TEST_BLUESKY",
        "KENTONGAN_TEST_DATA",
        "KENTONGAN_TEST_EXIM",
        "KENTONGAN_TEST_PRISM",
        "KENTONGAN_TEST_SNAC",
        "KENTONGAN_TEST_WORDPRESS",
    }
)
"""Variables with our prefix that are read elsewhere."""

_DATABASE = re.compile(r"(sqlite|postgresql\+psycopg|postgresql)://")
_HOST_AND_PORT = re.compile(r".+:\d{1,5}")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_UNKNOWN = N_("nama tidak dikenal")
_SAID = {
    "extra_forbidden": _UNKNOWN,
    "int_parsing": N_("harus bilangan bulat"),
    "int_type": N_("harus bilangan bulat"),
    "int_from_float": N_("harus bilangan bulat"),
    "time_delta_parsing": N_("harus detik (10) atau ISO 8601 (PT10S)"),
    "time_delta_type": N_("harus detik (10) atau ISO 8601 (PT10S)"),
    "time_parsing": N_("harus jam, misalnya 06:00"),
    "bool_parsing": N_("harus true atau false"),
    "string_type": N_("harus teks"),
    "greater_than_equal": N_("paling kecil {ge}"),
    "less_than_equal": N_("paling besar {le}"),
}
"""What pydantic finds wrong, in the words of the office."""


def _seconds(value: Any) -> Any:
    """Let ``10`` be seconds in the environment too, where everything is text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value  # ISO 8601


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError(N_("harus lebih dari nol"))
    return value


def _not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise ValueError(N_("tidak boleh negatif"))
    return value


Seconds = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_positive)]
Pause = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_not_negative)]


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

    holidays_folder: Path | None = Field(
        default=None,
        description="Folder of the office's own holidays, a file a year (2027.toml).",
    )

    # the dashboard
    web_host: str = Field(default="127.0.0.1", description="Address to listen on.")
    web_port: int = Field(
        default=8000, ge=0, le=65535, description="Port; 0 picks a free one."
    )
    public_url: str = Field(
        default="",
        description="Address people type, when a proxy stands in front. Instagram and"
        " Threads fetch pictures from it, so for them it must be https and public.",
    )
    session_hours: int = Field(
        default=12, ge=1, le=24 * 30, description="Hours a sign-in lasts."
    )
    public_feed: bool = Field(
        default=True,
        description="Whether published announcements are given out as Atom and JSON"
        " Feed, to anybody who asks.",
    )

    # the clock
    publish_every: Seconds = Field(
        default=timedelta(seconds=10), description="How often due posts are looked for."
    )
    settle_every: Seconds = Field(
        default=timedelta(seconds=15),
        description="How often uncertain posts are looked at.",
    )
    mentions_every: Seconds = Field(
        default=timedelta(minutes=2),
        description="How often one account's mentions are read (X bills each read).",
    )
    feeds_every: Seconds = Field(
        default=timedelta(seconds=30), description="How often due feeds are looked for."
    )
    classify_every: Seconds = Field(
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
    lease: Seconds = Field(
        default=timedelta(minutes=3),
        description="How long a worker owns an account before others may look.",
    )
    send_within: Seconds = Field(
        default=timedelta(seconds=100),
        description="Monotonic limit from claim to the last look; under the lease.",
    )

    max_video_mib: int = Field(
        default=100,
        ge=1,
        le=512,
        description="MiB of the largest video that is kept, in the database.",
    )

    # fetching
    connect_timeout: Seconds = Field(
        default=timedelta(seconds=10), description="Until a connection stands."
    )
    read_timeout: Seconds = Field(
        default=timedelta(seconds=20), description="Between two bytes."
    )
    total_timeout: Seconds = Field(
        default=timedelta(seconds=40), description="For one whole call."
    )
    max_body_mib: int = Field(
        default=15, ge=1, le=200, description="MiB of an answer after decompression."
    )
    inner_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="'host:port' that may be called though they are not public.",
    )
    feed_floor: Seconds = Field(
        default=timedelta(minutes=15), description="Shortest interval of one feed."
    )
    feed_interval: Seconds = Field(
        default=timedelta(minutes=30), description="Interval of a feed that says none."
    )
    host_gap: Pause = Field(
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
        try:
            return ZoneInfo(value) if isinstance(value, str) else value
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                N_("zona waktu tidak dikenal; misalnya Asia/Jakarta")
            ) from None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not _DATABASE.match(value):
            raise ValueError(N_("harus diawali sqlite:/// atau postgresql+psycopg://"))
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/\S*)?", value):
            raise ValueError(
                N_("harus alamat lengkap, misalnya https://humas.contoh.id")
            )
        return value

    @field_validator("inner_hosts", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Commas or JSON in the environment, a list in the file."""
        if isinstance(value, str):
            value = [one.strip(" \"'") for one in value.strip("[] ").split(",")]
        hosts = [one for one in value if one]
        if not all(_HOST_AND_PORT.fullmatch(str(one)) for one in hosts):
            raise ValueError(N_("harus host:port, dipisah koma"))
        return hosts

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in _LEVELS:
            raise ValueError(N_("salah satu dari DEBUG, INFO, WARNING, ERROR"))
        return value.upper()

    @model_validator(mode="after")
    def _ends_inside_its_lease(self) -> Self:
        if self.send_within >= self.lease:
            raise ValueError(N_("send_within harus lebih pendek dari lease"))
        return self

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


def load_settings(*, new: bool = False, **overrides: Any) -> Settings:
    """Read the settings.

    Args:
        new: the named file may be missing, it is about to be written.
        overrides: win over the environment and the file.

    Raises:
        SettingsProblem: a name is unknown or a value cannot be used; the message
            names each, for the person at the keyboard.
    """
    unknown = _unknown_variables()
    if unknown:
        raise SettingsProblem(*(Line(_UNKNOWN, name) for name in unknown))
    if not new and FILE_VARIABLE in os.environ and not settings_file().is_file():
        missing = N_("berkas pengaturan tidak ada")
        raise SettingsProblem(Line(missing, str(settings_file())))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsProblem(*map(_line, _found(error))) from None
    except SettingsError as error:
        raise SettingsProblem(Line(str(error))) from None
    except (OSError, ValueError) as error:
        raise SettingsProblem(Line(str(error), str(settings_file()))) from None


def _found(error: ValidationError) -> Sequence[Any]:
    return error.errors(include_input=False, include_url=False)


def _line(error: Any) -> Line:
    where = ".".join(map(str, error["loc"])) or "kentongan.toml"
    said = _SAID.get(error["type"])
    if said is None:
        return Line(error["msg"].removeprefix("Value error, "), where)
    return Line(said, where, error.get("ctx", {}))


def _unknown_variables() -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | NOT_SETTINGS
    return sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in known
    )
